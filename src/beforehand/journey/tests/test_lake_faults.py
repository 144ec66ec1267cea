"""What goes wrong with files leaves the lake as it was, is said plainly, and can be mended."""

import errno
import json

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from django.conf import settings as conf
from django.db import transaction

from beforehand.cli.lake import lake as command
from beforehand.journey import lake
from beforehand.journey.lake import compaction, layout, manifest, sealing, write
from beforehand.journey.lake.tidy import tidy
from beforehand.journey.models import Journey, LakeFile, LakeState, Touchpoint
from beforehand.journey.tests.lakes import erase, happened, lake_rows, move, person, plain_rows
from beforehand.lib import disk

pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    """What a process feels of SIGKILL: nothing after it happens."""


@pytest.fixture
def people():
    ada, grace = person("ada"), person("grace")
    for hours in range(4):
        happened(ada if hours % 2 else grace, f"step {hours}", hours)
    return ada, grace


@pytest.fixture
def sealed(people):
    lake.seal()
    return people


def files():
    return sorted(layout.folder().glob("touchpoints/*"))


def the_file():
    (path,) = files()
    return path


@pytest.mark.parametrize("verb", [lake.rebuild, lake.compact, lambda: lake.fold(everything=True)])
def test_a_writer_killed_before_the_manifest_leaves_the_lake_as_it_was(sealed, monkeypatch, settings, verb):
    happened(sealed[0], "later", 9)
    lake.seal()
    lake.mark_dirty({sealed[0].pk}, "late")
    before, listed = lake_rows(), files()

    def killed(*_args, **_kwargs):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(manifest, "switch", killed)
        patch.setattr(write, "discard", lambda files: None)
        with pytest.raises(Killed):
            verb()
    assert len(files()) > len(listed)
    assert lake_rows() == before == plain_rows()
    assert any("in no list" in difference.what for difference in lake.check())
    settings.LAKE_GRACE = 0
    lake.tick()
    assert lake.check() == []
    assert lake_rows() == before
    assert len(files()) == LakeFile.objects.count()


def test_sealing_killed_before_the_manifest_is_done_again(people, monkeypatch):
    before = lake_rows()

    def killed(*_args, **_kwargs):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(sealing, "_commit", killed)
        with pytest.raises(Killed):
            lake.seal()
    assert LakeState.own().sealed_through == 0
    assert lake_rows() == before
    assert lake.seal() == 4
    assert lake_rows() == before


def test_a_full_disk_leaves_the_lake_as_it_was(sealed, monkeypatch):
    happened(sealed[0], "later", 9)
    before, listed = lake_rows(), files()

    def full(_path):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(disk, "settle", full)
        for verb in (lake.seal, lake.rebuild):
            with pytest.raises(OSError, match="No space left"):
                verb()
        said = CliRunner().invoke(command, ["seal"])
    assert said.exit_code == 1
    assert "No space left" in said.output
    assert "as it was before" in said.output
    assert files() == listed
    assert lake_rows() == before
    assert lake.seal() == 1
    assert lake_rows() == before


@pytest.mark.parametrize("harm", ["cut", "garbled", "gone", "empty"])
def test_a_damaged_file_is_named_and_the_lake_can_be_made_again(sealed, harm):
    path = the_file()
    body = bytearray(path.read_bytes())
    if harm == "cut":
        path.write_bytes(body[: len(body) // 2])
    elif harm == "garbled":
        body[8 : len(body) // 2] = b"\xff" * (len(body) // 2 - 8)
        path.write_bytes(body)
    elif harm == "gone":
        path.unlink()
    else:
        path.write_bytes(b"")
    with pytest.raises(lake.LakeBroken, match="beforehand lake rebuild") as said:
        lake_rows()
    assert str(path) in str(said.value)
    checked = CliRunner().invoke(command, ["check"])
    assert checked.exit_code == 1
    assert str(path) in checked.output
    assert CliRunner().invoke(command, ["rebuild"]).exit_code == 0
    assert lake_rows() == plain_rows()
    assert CliRunner().invoke(command, ["check"]).output == "Lake and record agree.\n"


def test_compaction_over_a_damaged_file_says_so(sealed):
    lake.mark_dirty({sealed[0].pk}, "late")
    path = the_file()
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(lake.LakeBroken):
        lake.compact()


def test_an_error_of_the_query_is_not_blamed_on_the_lake(sealed):
    import duckdb

    with pytest.raises(duckdb.BinderException), lake.reader() as reader:
        reader.db.execute("SELECT no_such_column FROM touchpoints")


def test_check_says_where_lake_and_record_differ(sealed):
    Touchpoint.objects.filter(name="step 1").update(name="step one")
    happened(sealed[0], "not sealed", 50)
    (found,) = lake.check()
    assert found.where == "2026-03-01"
    assert "not the same" in found.what
    Touchpoint.objects.filter(name="step one").delete()
    (found,) = lake.check()
    assert "3 touchpoints in the record, 4 in the lake" in found.what


def test_check_finds_a_wrong_previous_touchpoint(sealed):
    path = the_file()
    table = pq.read_table(path)
    pq.write_table(table.set_column(11, "gap", [[1.0] * 4]), path)
    (found,) = lake.check()
    assert "4 touchpoints with a wrong previous one" in found.what


def test_erasing_leaves_nothing_of_the_person_on_the_disk(sealed):
    ada, grace = sealed
    lake.rebuild()  # leaves a replaced file that holds ada too
    happened(ada, "not sealed", 9)
    parts = {part.get("part"): part for part in erase(ada.customer_id)}
    assert parts["lake"] == {"part": "lake", "files": 1, "touchpoints": 2}
    assert parts["touchpoints"]["touchpoints"] == 3
    assert {row[0] for row in lake_rows()} == {grace.customer_id}
    assert lake_rows() == plain_rows()
    for path in files():
        assert ada.customer_id not in pq.read_table(path)["customer"].to_pylist()
    (path,) = files()
    kept = pq.read_table(path, columns=["customer", "time", "id"]).to_pylist()
    assert kept == sorted(kept, key=lambda row: tuple(row.values()))
    assert not Journey.objects.filter(pk=ada.customer_id).exists()
    assert lake.check() == []


def test_an_erasure_that_is_undone_removes_no_file(sealed):
    before = lake_rows()
    with pytest.raises(Killed), transaction.atomic():
        erase(sealed[0].customer_id)
        raise Killed
    assert lake_rows() == before == plain_rows()


@pytest.mark.parametrize("verb", ["seal", "rebuild"])
def test_who_is_erased_while_files_are_written_is_not_in_them(sealed, monkeypatch, verb):
    ada, grace = sealed
    happened(ada, "later", 8)
    happened(grace, "later", 9)
    write_stage, erased = write.write_stage, []

    def interrupted(*args, **kwargs):
        made = write_stage(*args, **kwargs)
        if not erased:
            erased.append(erase(ada.customer_id))
        return made

    monkeypatch.setattr(write, "write_stage", interrupted)
    getattr(lake, verb)()
    assert erased
    assert LakeState.own().sealed_through == sealing.last_sequence()
    assert {row[0] for row in lake_rows()} == {grace.customer_id}
    assert lake_rows() == plain_rows()
    for path in files():
        assert ada.customer_id not in pq.read_table(path)["customer"].to_pylist()
    assert lake.check() == []


def test_many_dirty_customers_are_a_rebuild(sealed, monkeypatch):
    monkeypatch.setattr(compaction, "FEW", 1)
    ada, grace = sealed
    move(ada, grace.pk)
    assert lake.compact() == 2
    assert lake_rows("sealed") == plain_rows()
    assert LakeFile.objects.filter(replaced=None).count() == 1


def test_everything_of_a_person_can_be_exported(sealed):
    from beforehand.lib.bus import emit

    ada, _ = sealed
    happened(ada, "$identify", 7)
    parts = emit("customers.export", customers=[ada.customer_id], identifiers=[ada.pk])
    (touchpoints,) = [part["touchpoints"] for part in parts if "touchpoints" in part]
    assert [row["name"] for row in touchpoints] == ["step 1", "step 3", "$identify"]
    assert touchpoints[0]["time"] == "2026-03-01T01:00:00+00:00"
    assert json.dumps(touchpoints)


def test_the_commands_say_what_they_did(people):
    run = CliRunner().invoke
    assert run(command, ["seal"]).output == "4 touchpoints sealed.\n"
    assert run(command, ["compact"]).output == "0 customers written anew.\n"
    assert run(command, ["fold"]).output == "0 files fewer.\n"
    assert run(command, ["rebuild"]).output == "The lake is made again with 4 touchpoints.\n"
    assert conf.LAKE.exists()


def test_what_is_kept_between_pages_follows_what_happens(sealed):
    ada, grace = sealed
    lake.mark_dirty({ada.pk}, "late")
    for step in (
        lambda: happened(ada, "a", 10),
        lambda: happened(grace, "b", 11),
        lambda: happened(ada, "late", 0.5),
        lambda: lake.seal(),
        lambda: happened(ada, "c", 12),
        lambda: lake.mark_dirty({grace.pk}, "late"),
        lambda: move(ada, grace.pk),
        lambda: happened(grace, "d", 13),
        lambda: move(ada, ada.pk),
        lambda: lake.seal(),
        lambda: happened(grace, "e", 0.1),
        lambda: lake.compact(),
        lambda: erase(ada.pk),
    ):
        step()
        assert lake_rows() == lake_rows() == plain_rows()


def test_half_written_files_go_but_not_while_somebody_writes(sealed, settings):
    settings.LAKE_GRACE = 0
    half = layout.folder() / "touchpoints" / "half.tmp"
    half.write_bytes(b"PAR1")
    left = layout.scratch() / "99999999-left"
    left.mkdir(parents=True)
    with manifest.writing():
        tidy()
        assert half.exists()
    tidy()
    assert not half.exists()
    assert not left.exists()
    assert len(files()) == 1
