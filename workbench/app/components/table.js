// A table of records. Everything that is shown is set as text, never as markup: values come from hostile files.
const CONCEAL_AFTER_MS = 60000;
const known = new WeakMap();

const make = (name, cls, text) => {
  const node = document.createElement(name);
  if (cls) node.className = cls;
  if (text !== undefined && text !== null) node.textContent = String(text);
  return node;
};

// One stop of the Tab key for the whole table: its current row, and what can be pressed in that row.
const stopAt = (rows, row) => rows.forEach((line) => {
  const stop = line === row ? 0 : -1;
  line.tabIndex = stop;
  line.querySelectorAll("button").forEach((button) => { button.tabIndex = stop; });
});

const cellOf = (column, value, row, state, fire) => {
  const cell = make("td", [column.kind, column.align].filter(Boolean).join(" "));
  if (column.kind === "chip") {
    cell.className = column.align || "";
    if (value && value.text) cell.append(make("span", `chip ${value.tone}`, value.text));
    if (value && value.hint) cell.title = value.hint;
  } else if (column.kind === "two") {
    cell.className = column.align || "";
    cell.append(make("span", value.cls || "num", value.text));
    if (value.under) cell.append(make("span", "under " + (value.underCls || ""), value.under));
    if (value.hint) cell.title = value.hint;
  } else if (column.kind === "before") {
    const shown = state.revealed.get(row.id);
    if (shown !== undefined) cell.append(make("span", "before mono", shown === "" ? "(empty)" : shown));
    else if (value && state.mayReveal) {
      const button = make("button", "reveal", value);
      button.type = "button";
      button.setAttribute("aria-label", `Reveal the value before, recorded: ${row.label || ""}`);
      button.append(make("span", "", "Reveal"));
      button.onclick = (event) => { event.stopPropagation(); fire("reveal", row.id); };
      cell.append(button);
    } else cell.append(make("span", "before mono", value || ""));
  } else if (column.kind === "after") {
    cell.className = "";
    cell.append(make("span", value ? "after mono" : "quiet", value || column.none || ""));
  } else cell.append(make("span", "", value));
  return cell;
};

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  let state = known.get(parentElement);
  if (!state) {
    state = { revealed: new Map(), timers: new Map(), seen: 0, at: null };
    known.set(parentElement, state);
  }
  state.mayReveal = data.mayReveal;
  const root = parentElement.querySelector(".root");

  const draw = () => {
    const held = parentElement.activeElement ? parentElement.activeElement.closest("tr") : null;
    const at = held ? held.dataset.id : null;
    const table = make("table", "wb-table");
    table.setAttribute("aria-label", data.label);
    const columns = table.createTHead().insertRow();
    const group = make("colgroup");
    for (const column of data.columns) {
      const width = make("col");
      if (column.width) width.style.width = column.width;
      group.append(width);
      const head = make("th", column.align || "", column.label);
      head.scope = "col";
      columns.append(head);
    }
    table.prepend(group);
    const body = table.createTBody();
    data.rows.forEach((row) => {
      const line = body.insertRow();
      line.dataset.id = row.id;
      if (data.opens) {
        line.className = "opens";
        line.setAttribute("aria-label", row.label || row.id);
        line.onclick = () => setTriggerValue("open", row.id);
      }
      data.columns.forEach((column, place) =>
        line.append(cellOf(column, row.cells[place], row, state, setTriggerValue)));
    });
    const again = [...body.rows].find((line) => line.dataset.id === at);
    stopAt([...body.rows], again || body.rows[0]);
    const scroll = make("div", "scroll");
    if (data.height) scroll.style.maxHeight = data.height;
    scroll.append(table);
    const frame = make("div", "frame");
    frame.append(scroll);
    root.replaceChildren(frame);
    body.onkeydown = (event) => {
      if (event.key === "Enter" && data.opens && event.target.tagName === "TR") {
        setTriggerValue("open", event.target.dataset.id);
        event.preventDefault();
      }
    };
    if (again) again.focus({ preventScroll: true });
  };

  if (data.revealed && data.revealed.seq !== state.seen) {
    const { id, value, seq } = data.revealed;
    state.seen = seq;
    state.revealed.set(id, value);
    clearTimeout(state.timers.get(id));
    state.timers.set(id, setTimeout(() => { state.revealed.delete(id); draw(); }, CONCEAL_AFTER_MS));
  }
  draw();

  const walk = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = event.composedPath()[0];
    if (at instanceof HTMLElement && (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName))) return;
    if (document.querySelector('[role="dialog"]')) return;
    const rows = [...root.querySelectorAll("tbody tr")];
    if (!rows.length) return;
    const focused = parentElement.activeElement ? rows.indexOf(parentElement.activeElement.closest("tr")) : -1;
    const keys = focused < 0 ? { j: 1, k: -1 } : { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 };
    let to = null;
    if (event.key in keys) to = focused < 0 ? 0 : focused + keys[event.key];
    else if (focused >= 0 && event.key === "Home") to = 0;
    else if (focused >= 0 && event.key === "End") to = rows.length - 1;
    if (to === null) return;
    event.preventDefault();
    const row = rows[Math.max(0, Math.min(rows.length - 1, to))];
    stopAt(rows, row);
    row.focus();
  };
  document.addEventListener("keydown", walk);
  return () => document.removeEventListener("keydown", walk);
}
