"""The name of some files' content."""

from beforehand.lib import fingerprint


def test_it_changes_with_content_and_name_and_not_with_time(tmp_path):
    (tmp_path / "a.css").write_text("one")
    first = fingerprint.of([tmp_path])
    (tmp_path / "a.css").touch()
    assert fingerprint.of([tmp_path]) == first
    (tmp_path / "a.css").write_text("two")
    second = fingerprint.of([tmp_path])
    (tmp_path / "a.css").rename(tmp_path / "b.css")
    assert len({first, second, fingerprint.of([tmp_path])}) == 3


def test_no_folder_is_no_fault(tmp_path):
    assert len(fingerprint.of([tmp_path / "nowhere"])) == 12
