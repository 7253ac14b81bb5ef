import os
import stat
from pathlib import Path

import pytest

from tests.vault.conftest import rotated
from workbench.audit.note import VerifierKey
from workbench.records.errors import IntegrityBroken, UsageError
from workbench.vault import keyfiles
from workbench.vault.keyfiles import KeyKind, KeyMaterial, generate
from workbench.vault.keys import KeyRing, check_places, create_keys, open_keys


def test_keys_are_private_one_file_each_and_open_again(place: Path):
    made = create_keys(place)
    opened = open_keys(place)
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in place.iterdir()} == {0o600}
    assert {path.name for path in place.iterdir()} == {f"{kind}.1.key" for kind in KeyKind} | {"trust.vkey"}
    assert opened.unseal("p", b"row", made.seal("p", b"row", b"value")) == b"value"
    assert opened.index("p", b"value") == made.index("p", b"value")
    assert opened.vkey == made.vkey == (place / "trust.vkey").read_text().strip()


def test_the_trust_line_is_a_verifier_key_of_the_signer(place: Path):
    ring = create_keys(place)
    key = VerifierKey.parse((place / "trust.vkey").read_text())
    assert str(key) == str(ring.signer.vkey)


def test_an_origin_by_default_tells_nothing_and_two_homes_differ(tmp_path: Path):
    one, two = (create_keys(tmp_path / name).vkey for name in ("one", "two"))
    assert one.split("+")[0] != two.split("+")[0]


def test_keys_are_never_overwritten(place: Path):
    create_keys(place)
    before = {path.name: path.read_bytes() for path in place.iterdir()}
    with pytest.raises(UsageError) as caught:
        create_keys(place)
    assert caught.value.code == "keys-exist"
    assert {path.name: path.read_bytes() for path in place.iterdir()} == before


def test_an_empty_directory_such_as_a_mount_point_may_be_used(place: Path):
    place.mkdir(mode=0o755)
    create_keys(place)
    assert stat.S_IMODE(place.stat().st_mode) == 0o700


@pytest.mark.parametrize("failing", range(7))
def test_a_disk_that_refuses_leaves_no_half_set_of_keys(place: Path, monkeypatch, failing: int):
    calls = iter(range(100))
    real = os.fsync

    def fsync(descriptor):
        if next(calls) == failing:
            raise OSError(28, "full")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(UsageError) as caught:
        create_keys(place)
    assert caught.value.code == "keys-not-written"
    assert not place.exists()


@pytest.mark.parametrize("name", ["", "sealing.1.key"])
def test_keys_that_others_can_read_are_refused(place: Path, name: str):
    create_keys(place)
    target = place / name if name else place
    target.chmod(target.stat().st_mode | 0o044)
    with pytest.raises(UsageError) as caught:
        open_keys(place)
    assert caught.value.code == "keys-readable-by-others"


@pytest.mark.parametrize(
    "damage",
    [
        lambda place: (place / "index.1.key").unlink(),
        lambda place: (place / "index.1.key").write_bytes(b"{}"),
        lambda place: (place / "index.1.key").write_bytes(b"\xff\xfe"),
        lambda place: (place / "index.1.key").write_bytes((place / "sealing.1.key").read_bytes()),
        lambda place: (place / "index.1.key").rename(place / "index.2.key"),
        lambda place: (place / "trust.vkey").unlink(),
        lambda place: (place / "trust.vkey").write_text("someone+00000000+AAAA"),
    ],
)
def test_a_damaged_set_of_keys_is_named_as_such(place: Path, damage):
    create_keys(place)
    damage(place)
    with pytest.raises(IntegrityBroken) as caught:
        open_keys(place)
    assert caught.value.code == "keys-broken"


def test_no_keys_at_the_place(place: Path):
    with pytest.raises(UsageError) as caught:
        open_keys(place)
    assert caught.value.code == "keys-missing"


def test_each_kind_of_key_has_a_secret_of_its_own(material):
    assert len({key.secret for key in material}) == len(material) == len(KeyKind)


def test_secrets_never_show_in_text(keys: KeyRing, material):
    shown = repr(keys) + repr(material) + repr(keys.signer) + repr(keys.object_cipher())
    for key in material:
        assert key.secret.hex() not in shown
        assert repr(key.secret) not in shown


def test_after_a_rotation_old_values_open_and_new_ones_use_the_new_key(keys: KeyRing, material):
    newer = KeyRing(rotated(material))
    old = keys.seal("p", b"row", b"value")
    assert newer.unseal("p", b"row", old) == b"value"
    with pytest.raises(IntegrityBroken) as caught:
        keys.unseal("p", b"row", newer.seal("p", b"row", b"value"))
    assert caught.value.code == "key-unknown"


def test_a_rotated_key_is_one_more_file(place: Path):
    first = create_keys(place)
    second = KeyMaterial(KeyKind.SEALING, 2, bytes(range(32)))
    keyfiles._write_new(place / second.file_name, keyfiles._encode(second))
    assert open_keys(place).unseal("p", b"", first.seal("p", b"", b"old")) == b"old"


def test_look_ups_depend_on_key_and_purpose(keys: KeyRing):
    other = KeyRing(generate("test.example/log"))
    digests = {keys.index("patient", b"4711"), keys.index("study", b"4711"), other.index("patient", b"4711")}
    assert len(digests) == 3
    assert keys.index("patient", b"4711") != keys.session_code("patient", b"4711")


@pytest.mark.parametrize("inside", [".", "keys", "deep/er/keys"])
def test_keys_inside_the_home_are_refused_unless_it_is_a_demo(tmp_path: Path, inside: str):
    home = tmp_path / "home"
    with pytest.raises(UsageError) as caught:
        check_places(home=home, keys=home / inside)
    assert caught.value.code == "keys-inside-home"
    check_places(home=home, keys=home / inside, demo=True)


def test_a_home_inside_the_keys_and_links_into_the_home_are_refused(tmp_path: Path):
    home = tmp_path / "home"
    (home / "keys").mkdir(parents=True)
    link = tmp_path / "link"
    link.symlink_to(home / "keys")
    for place in (tmp_path, link):
        with pytest.raises(UsageError):
            check_places(home=home, keys=place)
    check_places(home=home, keys=tmp_path / "home-keys", witness=tmp_path / "witness")


def test_a_witness_inside_the_home_is_refused(tmp_path: Path):
    with pytest.raises(UsageError) as caught:
        check_places(home=tmp_path / "home", keys=tmp_path / "keys", witness=tmp_path / "home" / "witness")
    assert caught.value.code == "witness-inside-home"
