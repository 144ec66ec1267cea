"""Files through the API: those of messages, and those that will go with one."""

from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import File, Router, Schema, Status
from ninja.files import UploadedFile

from beforehand.channels import files, handles
from beforehand.lib.trouble import Trouble
from beforehand.service import reach
from beforehand.service.acts import drafting, messages
from beforehand.service.models import Attachment
from beforehand.team.api import May, me, refuse
from beforehand.team.models import ApiToken

router = Router(tags=["files"])
DOOR = "api"


class KeptOut(Schema):
    """`file` is what a reply or a letter names under `files`, for a day."""

    file: str
    name: str
    type: str
    size: int


@router.post("/files", response={201: KeptOut}, auth=May(ApiToken.Scope.WRITE, ApiToken.Scope.RECEIVE))
def keep(request: HttpRequest, file: File[UploadedFile]) -> Any:
    """Lay down a file that will go with a message (multipart form, field `file`)."""
    if (file.size or 0) > drafting.LARGEST:
        refuse("too_large", _("A file may have 25 MB at most, which is what mail servers take."), 413)
    handed = handles.received(file)
    handle = handles.handle_of(handed, DOOR)
    return Status(201, {"file": handle, "name": handed.name, "type": handed.type, "size": handed.file.size})


@router.get("/files/{int:pk}", auth=May(ApiToken.Scope.READ))
def read(request: HttpRequest, pk: int) -> Any:
    """The bytes of a file of a message."""
    found = Attachment.objects.select_related("file", "message").filter(pk=min(pk, (1 << 63) - 1)).first()
    if found is None or found.message is None or reach.find(found.message.conversation_id, me(request)) is None:
        raise Http404
    return files.download(found.file, found.name, found.type)


def attached(given: list[str]) -> list[messages.File]:
    """The files that these handles stand for."""
    found: list[messages.File] = []
    for handle in given:
        handed = handles.taken_from(handle, DOOR)
        if handed is None:
            refuse("no_such_file", _("There is no such file, or it is older than a day. Send it again to /files."))
        found.append((*handed, ""))
    try:
        drafting.check_files([file.size for file, *_rest in found])
    except Trouble as problem:
        refuse("too_large", str(problem))
    return found
