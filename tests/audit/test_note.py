"""Signed notes: the published examples of Go's note package and of C2SP, and notes that somebody bent."""

from base64 import b64decode, b64encode
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.audit.note import NoteSigner, VerifierKey, open_note, parse_note
from workbench.records.errors import IntegrityBroken, UsageError

PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_LINE = (
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ENOCH_LINE = (
    "\u2014 EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
)
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
NOTE = f"{TEXT}\n{PETER_LINE}"
KEY = VerifierKey.parse(PETER)


def test_the_published_key_signs_the_published_note():
    signer = NoteSigner.parse(PETER_PRIVATE)
    assert str(signer.vkey) == PETER
    assert signer.sign(TEXT) == NOTE
    assert signer.private_text() == PETER_PRIVATE


def test_the_published_note_opens_under_either_of_its_keys():
    both = NOTE + ENOCH_LINE
    for keys in ([KEY], [VerifierKey.parse(ENOCH)], [KEY, VerifierKey.parse(ENOCH)]):
        assert open_note(both, keys) == TEXT
        assert open_note(both.encode(), keys) == TEXT


def test_a_key_shows_nothing_of_its_secret():
    signer = NoteSigner.parse(PETER_PRIVATE)
    assert "gQoUAtUU" not in repr(signer)
    assert PETER_PRIVATE.rsplit("+", 1)[1] not in f"{signer!r}{signer!s}{signer.vkey!r}"


def signature_line(name: str, raw: bytes) -> str:
    return f"\u2014 {name} {b64encode(raw).decode()}\n"


RAW = b64decode(PETER_LINE.split(" ")[2])

BENT = {
    "text altered": NOTE.replace("cryptography", "cryptographY"),
    "signature altered": f"{TEXT}\n" + signature_line("PeterNeumann", RAW[:-1] + bytes([RAW[-1] ^ 1])),
    "signature cut": f"{TEXT}\n" + signature_line("PeterNeumann", RAW[:-1]),
    "signature longer": f"{TEXT}\n" + signature_line("PeterNeumann", RAW + b"\x00"),
    "only unknown": f"{TEXT}\n{ENOCH_LINE}",
    "known name, other key id": f"{TEXT}\n" + signature_line("PeterNeumann", b"\x00" + RAW[1:]),
    "other name, known key id": f"{TEXT}\n" + signature_line("Peter", RAW),
    "right signature and a wrong one of the same key": NOTE + signature_line("PeterNeumann", RAW[:-1] + b"\x00"),
    "no signature": TEXT + "\n",
    "no empty line": TEXT + PETER_LINE,
    "only text": TEXT,
    "empty": "",
    "carriage returns": NOTE.replace("\n", "\r\n"),
    "tab in text": "a\tb" + NOTE,
    "null in text": "a\x00b" + NOTE,
    "no last line end": NOTE.removesuffix("\n"),
    "trailing garbage": NOTE + "garbage\n",
    "trailing empty line": NOTE + "\n",
    "hyphen for dash": NOTE.replace("\u2014", "-"),
    "no space": NOTE.replace("\u2014 ", "\u2014"),
    "two spaces": NOTE.replace("\u2014 ", "\u2014  "),
    "no name": f"{TEXT}\n\u2014  {b64encode(RAW).decode()}\n",
    "plus in name": f"{TEXT}\n" + signature_line("Peter+Neumann", RAW),
    "no-break space in name": f"{TEXT}\n" + signature_line("Peter\u00a0Neumann", RAW),
    "base64 with spaces": NOTE.replace("x08go", "x08g o"),
    "base64 url alphabet": NOTE.replace("x08go/", "x08go_"),
    "base64 without padding": NOTE.replace("=\n", "\n"),
    "base64 with loose bits": NOTE.replace("nAM=", "nAN="),
    "base64 not ASCII": NOTE.replace("x08go", "x08g\u00f6"),
    "key id only": f"{TEXT}\n" + signature_line("PeterNeumann", RAW[:4]),
    "hundred and one signatures": f"{TEXT}\n" + ENOCH_LINE * 100 + PETER_LINE,
}


@pytest.mark.parametrize("bent", BENT)
def test_a_bent_note_is_refused(bent: str):
    with pytest.raises(IntegrityBroken) as refused:
        open_note(BENT[bent], [KEY])
    assert refused.value.code in {"note-malformed", "note-signature", "note-unsigned"}
    assert refused.value.exit_code == 3


@pytest.mark.parametrize("content", [b"\xff\xfe", NOTE.encode()[:-1] + b"\xff\n", b"\n\n", b"\n\n\xe2\x80\x94 \n"])
def test_bytes_that_are_no_note_are_refused(content: bytes):
    with pytest.raises(IntegrityBroken):
        open_note(content, [KEY])


def test_a_lone_surrogate_is_refused():
    with pytest.raises(IntegrityBroken):
        open_note("\ud800" + NOTE, [KEY])


def test_sixteen_signatures_and_empty_lines_in_the_text_are_fine():
    signer = NoteSigner.generate("many.example")
    text = "a\n\nb\n"
    note = f"{text}\n" + ENOCH_LINE * 15 + signer.sign(text).rsplit("\n\n", 1)[1]
    assert open_note(note, [signer.vkey]) == text
    assert len(parse_note(note).signatures) == 16


def test_signatures_by_strangers_are_ignored_wherever_they_stand():
    assert open_note(f"{TEXT}\n{ENOCH_LINE}{PETER_LINE}{ENOCH_LINE}", [KEY]) == TEXT


def test_every_cut_of_a_key_is_refused():
    for start in range(len(PETER)):
        for end in range(start + 1, len(PETER) + 1):
            if end - start != len(PETER):
                with pytest.raises(UsageError):
                    VerifierKey.parse(PETER[start:end])


@pytest.mark.parametrize("at", range(len(PETER)))
def test_a_key_copied_with_a_mistake_is_refused(at: int):
    with pytest.raises(UsageError) as refused:
        VerifierKey.parse(PETER[:at] + chr(ord(PETER[at]) + 1) + PETER[at + 1 :])
    assert refused.value.hint


def test_a_cosigner_key_is_refused():
    with pytest.raises(UsageError):
        VerifierKey.parse("remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2")


@pytest.mark.parametrize(
    "text",
    [
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6",
        PETER,
        ENOCH,
    ],
)
def test_published_keys_are_read_and_written_back(text: str):
    assert str(VerifierKey.parse(text)) == text
    assert str(VerifierKey.parse(text + "\n")) == text


@pytest.mark.parametrize(
    "text", ["", "PRIVATE+KEY+x", "PRIVATE+KEY+a+00000000+AAAA", PETER, PETER_PRIVATE[:-4] + "AAAA"]
)
def test_a_wrong_private_key_is_refused_without_being_repeated(text: str):
    with pytest.raises(UsageError) as refused:
        NoteSigner.parse(text)
    assert not text or text not in str(refused.value)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u2003b", "a\nb", "a\x00b"])
def test_a_name_that_would_break_the_format_is_refused(name: str):
    with pytest.raises(UsageError):
        NoteSigner.generate(name)


@pytest.mark.parametrize("text", ["", "no end", "tab\t\n", "cr\r\n"])
def test_a_text_that_would_break_the_format_is_not_signed(text: str):
    with pytest.raises(ValueError, match="note"):
        NoteSigner.parse(PETER_PRIVATE).sign(text)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=80))
def test_what_is_signed_opens_to_the_same_text(text: str):
    signer = NoteSigner("round.example", bytes(32))
    assert open_note(signer.sign(text + "\n"), [signer.vkey]) == text + "\n"


@given(
    st.binary(max_size=200)
    | st.builds(lambda cut, tail: NOTE.encode()[:cut] + tail, st.integers(0, 300), st.binary(max_size=40))
)
def test_no_bytes_crash_the_reader(content: bytes):
    with suppress(IntegrityBroken):
        open_note(content, [KEY])
