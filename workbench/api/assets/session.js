// Behind the gate: leave no page on screen after the session has ended, and let "/" reach the search box.
(() => {
  "use strict";
  const EVERY_MS = 4000;
  const SILENCE_MS = 60000;
  let first = null;
  let heard = Date.now();
  let gone = false;

  const leave = (to) => {
    if (gone) return;
    gone = true;
    document.documentElement.style.display = "none";
    window.location.replace(to);
  };

  const ask = async () => {
    if (gone) return;
    try {
      const answer = await fetch("/session", { cache: "no-store", credentials: "same-origin" });
      heard = Date.now();
      if (answer.status === 204) return leave("/sign-in?ended=1");
      if (!answer.ok) return;
      const mark = await answer.text();
      if (first === null) first = mark;
      else if (mark !== first) leave("/");
    } catch {
      if (Date.now() - heard > SILENCE_MS) leave("/sign-in?ended=1");
    }
  };

  const Native = window.WebSocket;
  window.WebSocket = class extends Native {
    constructor(...args) {
      super(...args);
      this.addEventListener("close", () => window.setTimeout(ask, 50));
    }
  };

  window.setInterval(ask, EVERY_MS);
  window.addEventListener("pageshow", ask);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && ask());

  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = event.composedPath()[0];
    if (at instanceof HTMLElement && (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName))) return;
    const box = document.querySelector(".st-key-search input");
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
})();
