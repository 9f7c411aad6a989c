"""A run as one ZIP file, to carry it to another machine; what comes in is foreign and is taken piece by piece."""

from __future__ import annotations

import shutil
import zipfile
import zlib
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from ...data.cleaning import one_line
from ..errors import RunError
from .files import written_whole

_MAXIMUM_BYTES = 8 * 1024**3
_CHUNK = 1024 * 1024


def pack(folder: Path, files: Sequence[str], path: Path) -> None:
    """Write those of ``files`` that are in ``folder`` into the ZIP file ``path``, in this order.

    Raises:
        RunError: ``path`` is there already or cannot be written.
    """
    if path.exists():
        raise RunError(f"{one_line(str(path))} already exists; choose another file name.")
    if not path.parent.is_dir():
        raise RunError(f"{one_line(str(path))} cannot be written, there is no such folder; choose another place.")
    with (
        written_whole(path, remedy="choose another place") as handle,
        zipfile.ZipFile(handle, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for file in files:
            if (folder / file).is_file():
                archive.write(folder / file, f"{folder.name}/{file}")


@contextmanager
def opened(
    path: Path, belongs: Callable[[str], bool], needed: str
) -> Generator[tuple[str, Callable[[Path], None]], None, None]:
    """Open an exported run; gives its name and a function that copies those that belong to it into a folder.

    Raises:
        RunError: the file is not there, is damaged, holds no run or more than one, or is too large.
    """
    shown = one_line(str(path))
    try:
        with zipfile.ZipFile(path) as archive:
            members = _members(archive, belongs, needed, shown)

            def copy_into(folder: Path) -> None:
                _check_room(members, folder, shown)
                for file, member in members.items():
                    with archive.open(member) as source, written_whole(folder / file) as target:
                        shutil.copyfileobj(source, target, _CHUNK)

            yield PurePosixPath(members[needed].filename).parent.name, copy_into
    except FileNotFoundError as error:
        raise RunError(f"There is no file {shown}; check the path.") from error
    except IsADirectoryError as error:
        raise RunError(f"{shown} is a folder; name a ZIP file made by 'jokegen-tui runs export'.") from error
    except PermissionError as error:
        raise RunError(f"{shown} cannot be read; check its permissions.") from error
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError) as error:
        raise RunError(f"{shown} is damaged or not a ZIP file; export the run again.") from error


def _members(
    archive: zipfile.ZipFile, belongs: Callable[[str], bool], needed: str, shown: str
) -> dict[str, zipfile.ZipInfo]:
    """Return the entry of each file that belongs to a run and stands beside the ``needed`` one."""
    entries = [(PurePosixPath(entry.filename), entry) for entry in archive.infolist()]
    folders = [place.parent for place, _ in entries if place.name == needed]
    if not folders:
        raise RunError(f"{shown} is not an exported run; make one with 'jokegen-tui runs export'.")
    taken = [(place.name, entry) for place, entry in entries if place.parent == folders[0] and belongs(place.name)]
    members = dict(taken)
    if len(folders) > 1 or len(members) < len(taken):
        raise RunError(f"{shown} holds more than one run; export each into a file of its own.")
    return members


def _check_room(members: dict[str, zipfile.ZipInfo], folder: Path, shown: str) -> None:
    size = sum(member.file_size for member in members.values())
    if size > _MAXIMUM_BYTES:
        raise RunError(f"{shown} unpacks to more than 8 GB, which no run does; export the run again.")
    free = shutil.disk_usage(folder).free
    if size > free:
        raise RunError(
            f"{shown} needs {size / 1e6:,.0f} MB, but the disk has only {free / 1e6:,.0f} MB free; free some space."
        )
