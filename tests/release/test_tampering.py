"""Whatever is altered, by whomever: refused with the reason, and nothing in clear is left."""

import hashlib
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyrage
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.release.forgery import Members, archive_of, forge, members, raw_member
from tests.release.house import House, pick
from workbench.audit.note import NoteSigner
from workbench.records.errors import IntegrityBroken, UsageError
from workbench.release.archive import END, header
from workbench.release.signature import sign_manifest

ONE_FOLDER = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A built release; tests put their own package in its place and read the original from `original`."""
    folder = tmp_path_factory.mktemp("tampering")
    made = House(folder)
    made.add("WB-000001", [pick("rt-dose", folder / "1.dcm"), pick("rt-dose", folder / "2.dcm")])
    made.build()
    return made


@pytest.fixture(scope="module")
def original(built: House) -> bytes:
    return built.package.read_bytes()


@pytest.fixture(scope="module")
def archive(built: House, original: bytes) -> bytes:
    return bytes(pyrage.decrypt(original, [built.reader]))


def refused(house: House, **arguments: Any) -> IntegrityBroken:
    """Open, expect a refusal, and see that it left nothing and told nothing."""
    with pytest.raises(IntegrityBroken) as error:
        house.open(**arguments)
    assert house.leftovers() == []
    assert error.value.exit_code == 3
    assert error.value.hint
    for secret in ("P-WB", "rt-dose", "2.25.", "/etc", "evil", bytes(range(32)).hex()):
        assert secret not in error.value.message + error.value.hint
    return error.value


@ONE_FOLDER
@given(data=st.data())
def test_any_byte_of_the_package_flipped_is_refused(built: House, original: bytes, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(original) - 1))
    mask = data.draw(st.integers(1, 255))
    package = bytearray(original)
    package[position] ^= mask
    built.package.write_bytes(package)
    refused(built)


@ONE_FOLDER
@given(data=st.data())
def test_any_byte_inside_flipped_by_somebody_who_can_encrypt_is_refused(
    built: House, archive: bytes, data: st.DataObject
) -> None:
    position = data.draw(st.integers(0, len(archive) - 1))
    changed = bytearray(archive)
    changed[position] ^= data.draw(st.integers(1, 255))
    built.wrap(bytes(changed))
    refused(built)


@ONE_FOLDER
@given(data=st.data())
def test_any_truncation_is_refused(built: House, original: bytes, data: st.DataObject) -> None:
    built.package.write_bytes(original[: data.draw(st.integers(0, len(original) - 1))])
    refused(built)


@ONE_FOLDER
@given(data=st.data())
def test_any_truncation_inside_is_refused(built: House, archive: bytes, data: st.DataObject) -> None:
    built.wrap(archive[: data.draw(st.integers(0, len(archive) - 1))])
    refused(built)


@ONE_FOLDER
@given(noise=st.binary(max_size=4096))
def test_noise_in_place_of_an_archive_is_refused(built: House, noise: bytes) -> None:
    built.wrap(noise)
    refused(built)


@pytest.mark.parametrize("surplus", [b"\0", bytes(512), bytes(10240), b"more"])
def test_anything_after_the_end_is_refused(built: House, original: bytes, archive: bytes, surplus: bytes) -> None:
    built.package.write_bytes(original + surplus)
    refused(built)
    built.wrap(archive + surplus)
    assert refused(built).code == "package-surplus"


def test_another_readers_key_is_refused(built: House, original: bytes, tmp_path: Path) -> None:
    built.package.write_bytes(original)
    other = tmp_path / "other.txt"
    other.write_text(str(pyrage.x25519.Identity.generate()))
    assert refused(built, identity_file=other).code == "package-not-for-this-key"


def test_package_signed_again_with_another_key_of_the_same_name_is_refused(built: House, original: bytes) -> None:
    built.package.write_bytes(original)
    forge(built, lambda manifest: None, signer=NoteSigner("hospital.example/log", bytes([8]) * 32))
    error = refused(built)
    assert error.code == "package-not-signed"
    assert "not signed by the trusted key" in error.message


def test_package_of_a_whole_other_sender_is_refused(built: House, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    other = House(tmp_path / "x", signer=NoteSigner("hospital.example/log", bytes([9]) * 32), reader=built.reader)
    other.add("WB-000001", [pick("mr", tmp_path / "m.dcm")])
    other.build()
    built.package.write_bytes(other.package.read_bytes())
    assert refused(built).code == "package-not-signed"


def test_without_a_trust_key_only_the_fingerprint_is_told(built: House, original: bytes) -> None:
    built.package.write_bytes(original)
    error = refused(built, trust=None)
    assert error.code == "trust-missing"
    assert built.signer.vkey.fingerprint in error.message.replace(" ", "")
    assert "--trust" in error.hint


def test_a_trust_key_may_be_given_as_a_file(house: House, tmp_path: Path) -> None:
    house.build()
    file = tmp_path / "trust.vkey"
    file.write_text(house.trust + "\n")
    assert house.open(trust=str(file)).folder.is_dir()


@pytest.mark.parametrize("trust", ["nonsense", "a+b+c", "", "/no/such/file"])
def test_a_trust_key_that_is_none_is_a_usage_error(house: House, trust: str) -> None:
    house.build()
    with pytest.raises(UsageError):
        house.open(trust=trust or " ")
    assert house.leftovers() == []


def test_manifest_of_another_release_is_refused(built: House, original: bytes, archive: bytes) -> None:
    built.package.unlink(missing_ok=True)
    built.build(manifest=built.facts(release="RL-000043"))
    other = dict(members(built.archive()))
    parts = dict(members(archive))
    built.wrap(archive_of(list({**parts, "manifest.json": other["manifest.json"]}.items())))
    assert refused(built).code == "package-signature"
    both = {name: other[name] for name in ("manifest.json", "manifest.sig")}
    built.wrap(archive_of(list({**parts, **both}.items())))
    assert refused(built).code == "package-altered"


def _add(parts: Members) -> Members:
    return [*parts, ("DICOM/S00001/E00001/I0000003", b"evil")]


def _add_in_between(parts: Members) -> Members:
    return [*parts[:-1], ("evil.exe", b"evil"), parts[-1]]


def _drop_last(parts: Members) -> Members:
    return parts[:-1]


def _drop_directory(parts: Members) -> Members:
    return [part for part in parts if part[0] != "DICOMDIR"]


def _swap_content(parts: Members) -> Members:
    return [*parts[:-2], (parts[-2][0], parts[-1][1]), (parts[-1][0], parts[-2][1])]


def _swap_order(parts: Members) -> Members:
    return [*parts[:-2], parts[-1], parts[-2]]


def _twice(parts: Members) -> Members:
    return [*parts, parts[-1]]


def _longer(parts: Members) -> Members:
    return [*parts[:-1], (parts[-1][0], parts[-1][1] + b"evil")]


def _other_byte(parts: Members) -> Members:
    return [*parts[:-1], (parts[-1][0], parts[-1][1][:-1] + b"\x55")]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (_add, "a file that the manifest does not name"),
        (_add_in_between, "that the manifest does not name, in place of DICOM/S00001/E00001/I0000002"),
        (_drop_last, "DICOM/S00001/E00001/I0000002 is missing"),
        (_drop_directory, "DICOMDIR is missing"),
        (_swap_content, "DICOM/S00001/E00001/I0000001 is not the file that was signed"),
        (_swap_order, "DICOM/S00001/E00001/I0000001 is missing, or the files are in another order"),
        (_twice, "a file that the manifest does not name"),
        (_longer, "DICOM/S00001/E00001/I0000002 has another size"),
        (_other_byte, "DICOM/S00001/E00001/I0000002 is not the file that was signed"),
    ],
)
def test_the_reason_names_the_file_and_what_is_wrong(
    built: House, archive: bytes, change: Callable[[Members], Members], named: str
) -> None:
    built.wrap(archive_of(change(members(archive))))
    error = refused(built)
    assert error.code == "package-altered"
    assert named in error.message


@pytest.mark.parametrize(
    "hostile",
    [
        raw_member("../evil", b"evil"),
        raw_member("/etc/evil", b"evil"),
        raw_member("DICOM/../../evil", b"evil"),
        raw_member("link", type=tarfile.SYMTYPE, linkname="/etc"),
        raw_member("DICOM", type=tarfile.SYMTYPE, linkname="/etc"),
        raw_member("link", type=tarfile.LNKTYPE, linkname="../evil"),
        raw_member("DICOM/S00001/E00001/I0000001", type=tarfile.SYMTYPE, linkname="/etc/evil"),
        raw_member("device", type=tarfile.BLKTYPE, devmajor=8),
        raw_member("pipe", type=tarfile.FIFOTYPE),
        raw_member("DICOM", type=tarfile.DIRTYPE),
        raw_member("evil" * 60, b"evil"),
        raw_member("DICOM/S00001/E00001/I0000001", bytes(70000)),
        header("DICOM/S00001/E00001/I0000001", 1 << 40),
    ],
)
def test_hostile_members_are_refused_before_anything_is_made_of_them(
    built: House, archive: bytes, hostile: bytes
) -> None:
    at = archive.index(b"DICOM/S00001/E00001/I0000001\0")
    built.wrap(archive[:at] + hostile + archive[at:])
    assert refused(built).code == "package-altered"


@pytest.mark.parametrize(
    "beginning",
    [
        header("manifest.json", 1 << 50),
        header("manifest.json", (64 << 20) + 1),
        header("manifest.sig", 10),
        raw_member("manifest.json", b"{}", type=tarfile.SYMTYPE, linkname="/etc/evil"),
        raw_member("../evil", b"evil"),
    ],
)
def test_an_archive_that_does_not_begin_as_it_should_is_refused(built: House, beginning: bytes) -> None:
    built.wrap(beginning + END)
    assert refused(built).code == "package-foreign"


HOSTILE_PATHS = ("../evil", "/etc/evil", "DICOM/../evil", "manifest.json", "receipt.json", "dicom/s/e/i", "")


@pytest.mark.parametrize("path", HOSTILE_PATHS)
@pytest.mark.parametrize("wrong_key", [True, False])
def test_hostile_paths_in_a_manifest_are_refused_even_from_the_trusted_key(
    built: House, original: bytes, path: str, *, wrong_key: bool
) -> None:
    built.package.write_bytes(original)

    def change(manifest: dict[str, Any]) -> None:
        manifest["studies"][0]["instances"][0]["path"] = path

    forge(built, change, signer=NoteSigner("hospital.example/log", bytes([8]) * 32) if wrong_key else None)
    assert refused(built).code == ("package-not-signed" if wrong_key else "manifest-malformed")


def _set(*path: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(manifest: dict[str, Any]) -> None:
        place: Any = manifest
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        _set("counts", "instances", value=3),
        _set("counts", "bytes", value=1),
        _set("counts", value=None),
        _set("format", value="deid-workbench-package/2"),
        _set("studies", value=[]),
        _set("studies", value="all"),
        _set("studies", 0, "instances", 0, "size", value=-1),
        _set("studies", 0, "instances", 0, "size", value=True),
        _set("studies", 0, "instances", 0, "pixels", value="perhaps"),
        _set("studies", 0, "approvals", value=[]),
        _set("receipt_secret", value="00"),
        _set("expires", value="tomorrow"),
        _set("release", value="../evil"),
        _set("files", value=[]),
        _set("studies", 0, "approvals", 0, "proof", value="proof-0002.tlog-proof"),
        _set("studies", 0, "approvals", 0, "proof", value="README.txt"),
        _set("studies", 0, "instances", 0, "path", value="DICOM/S00001/E00001/I0000002"),
        lambda manifest: manifest["studies"][0]["instances"].append(manifest["studies"][0]["instances"][0]),
        lambda manifest: manifest["files"].append(manifest["files"][-1]),
    ],
)
def test_a_manifest_that_contradicts_itself_is_refused_even_from_the_trusted_key(
    built: House, original: bytes, change: Callable[[dict[str, Any]], None]
) -> None:
    built.package.write_bytes(original)
    forge(built, change)
    assert refused(built).code == "manifest-malformed"


@ONE_FOLDER
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(codec="ascii")),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc"), inner, max_size=3),
        max_leaves=5,
    ),
    data=st.data(),
)
def test_a_manifest_of_any_shape_is_refused_or_harmless(
    built: House, original: bytes, value: Any, data: st.DataObject
) -> None:
    built.package.write_bytes(original)
    keys = ["counts", "files", "studies", "recipient", "log", "expires", "created", "receipt_secret"]
    forge(built, _set(data.draw(st.sampled_from(keys)), value=value))
    refused(built)


def test_a_package_passed_on_to_another_reader_is_refused(built: House, archive: bytes, tmp_path: Path) -> None:
    other = pyrage.x25519.Identity.generate()
    built.package.write_bytes(pyrage.encrypt(archive, [other.to_public()]))
    file = tmp_path / "other.txt"
    file.write_text(str(other))
    assert refused(built, identity_file=file).code == "package-for-another"


def test_a_signature_that_names_another_release_is_refused(built: House, archive: bytes) -> None:
    parts = dict(members(archive))
    digest = hashlib.sha256(parts["manifest.json"]).hexdigest()
    parts["manifest.sig"] = sign_manifest(built.signer, release="RL-000001", sha256=digest).encode()
    built.wrap(archive_of(list(parts.items())))
    assert "names another release" in refused(built).message


def test_a_signature_for_another_purpose_is_refused(built: House, archive: bytes) -> None:
    parts = dict(members(archive))
    parts["manifest.sig"] = built.signer.sign("hospital.example/log\n1\n" + "A" * 43 + "=\n").encode()
    built.wrap(archive_of(list(parts.items())))
    assert refused(built).code == "package-signature"
