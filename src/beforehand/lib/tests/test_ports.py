import socket

import pytest

from beforehand.lib.tests import ports


def test_each_port_is_another_one_and_free(monkeypatch):
    monkeypatch.setattr(ports, "HIGHEST", ports.LOWEST + 40)
    with socket.create_server(("127.0.0.1", ports.free_port())) as taken:
        found = ports.free_ports(10)
        assert len({*found, taken.getsockname()[1]}) == 11
    for port in found:
        socket.create_server(("127.0.0.1", port)).close()


def test_what_is_not_a_taken_port_is_no_reason_to_try_for_ever(monkeypatch):
    def refuses(*arguments):
        raise PermissionError(13, "not allowed")

    monkeypatch.setattr(ports.socket, "create_server", refuses)
    with pytest.raises(PermissionError):
        ports.free_port()
