"""Dovecot and Postfix of the machine, on free ports of loopback, in a folder of their own: a mail host to test against.

Postfix only runs as root; `make test` installs both (tests/tools.sh).
"""

import contextlib
import os
import shutil
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from beforehand.lib.tests.ports import free_ports

DOVECOT = "/usr/sbin/dovecot"
POSTFIX = "/usr/sbin/postfix"
NOBODY = 65534
PASSWORD = "tulips&pliers"

DOVECOT_CONF = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
protocols = imap
listen = 127.0.0.1
mail_location = maildir:{folder}/mail/%u
mail_uid = {nobody}
mail_gid = {nobody}
first_valid_uid = 1
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
passdb {{
  driver = static
  args = password={password}
}}
service auth {{
  unix_listener {folder}/auth {{
    mode = 0666
  }}
}}
userdb {{
  driver = static
  args = uid={nobody} gid={nobody} home={folder}/mail/%u
}}
"""

MAIN_CF = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
meta_directory = /etc/postfix
sendmail_path = /usr/sbin/sendmail
mailq_path = /usr/bin/mailq
newaliases_path = /usr/bin/newaliases
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
myhostname = mx.us.example
mydestination =
alias_maps =
alias_database =
virtual_mailbox_domains = us.example customer.example
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = texthash:{folder}/people
virtual_uid_maps = static:{nobody}
virtual_gid_maps = static:{nobody}
virtual_minimum_uid = 1
recipient_delimiter = +
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {folder}/auth
smtpd_sasl_security_options = noanonymous
smtpd_tls_security_level = may
smtpd_tls_chain_files = {folder}/key.pem, {folder}/cert.pem
bounce_queue_lifetime = 0
maximal_queue_lifetime = 0
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
"""

MASTER_CF = """
127.0.0.1:{smtp} inet n - n - - smtpd
127.0.0.1:{smtps} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
tlsmgr unix - - n 1000? 1 tlsmgr
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass
class MailHost:
    folder: Path
    imap: int
    smtp: int
    imaps: int
    smtps: int
    password: str = PASSWORD

    @property
    def authority(self) -> str:
        """The file that whoever trusts this host's certificate names."""
        return str(self.folder / "ca.pem")

    def post(self, sender: str, to: str, raw: bytes) -> None:
        """What somebody's mail program does."""
        with smtplib.SMTP("127.0.0.1", self.smtp, timeout=60) as server:
            server.sendmail(sender, [to], raw)

    def delivered(self, address: str, least: int = 1, seconds: float = 60) -> list[bytes]:
        """What lies in somebody's mailbox, once there are that many."""
        until = time.monotonic() + seconds
        while True:
            mails = [path for part in ("new", "cur") for path in (self.folder / "mail" / address / part).glob("*")]
            if len(mails) >= least or time.monotonic() > until:
                return [path.read_bytes() for path in sorted(mails, key=lambda path: path.name)]
            time.sleep(0.05)


@contextlib.contextmanager
def running(people: list[str]) -> Iterator[MailHost]:
    """Both servers, with a mailbox for each of these addresses."""
    if not (Path(DOVECOT).exists() and Path(POSTFIX).exists()):
        pytest.fail("Dovecot and Postfix are needed: sh tests/tools.sh installs them, or names the packages.")
    if os.geteuid() != 0:
        pytest.skip("Postfix only runs as root, which this is not.")
    folder = Path(tempfile.mkdtemp(prefix="beforehand-mail-"))
    folder.chmod(0o755)
    host = MailHost(folder, *free_ports(4))
    facts = asdict(host) | {"nobody": NOBODY}
    certify(folder)
    for name in ("queue", "data", "mail", "run", "state", "etc"):
        (folder / name).mkdir()
    os.chown(folder / "mail", NOBODY, NOBODY)
    shutil.chown(folder / "data", "postfix")
    (folder / "dovecot.conf").write_text(DOVECOT_CONF.format(**facts))
    (folder / "people").write_text("".join(f"{one} {one}/\n" for one in people))
    (folder / "etc" / "main.cf").write_text(MAIN_CF.format(**facts))
    (folder / "etc" / "master.cf").write_text(MASTER_CF.format(**facts))
    dovecot = subprocess.Popen([DOVECOT, "-F", "-c", str(folder / "dovecot.conf")], stderr=subprocess.DEVNULL)
    try:
        postfix("start", folder)
        for port in (host.imap, host.smtp):
            listening(port)
        yield host
    finally:
        postfix("stop", folder)
        dovecot.terminate()
        dovecot.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def certify(folder: Path) -> None:
    """An authority of this test alone, and its certificate for 127.0.0.1 and localhost."""
    now = datetime.now(UTC)

    def signed(subject: str, key: ec.EllipticCurvePrivateKey, by: x509.Name, own: ec.EllipticCurvePrivateKey) -> bytes:
        names = [x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("localhost")]
        of_key = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        by_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(own.public_key())
        made = (
            x509.CertificateBuilder(by, named(subject), key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=2))
            .add_extension(x509.BasicConstraints(ca=key is own, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(of_key, critical=False)
            .add_extension(by_key, critical=False)
        )
        return made.sign(own, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def named(name: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])

    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "ca.pem").write_bytes(signed("An authority", authority, named("An authority"), authority))
    (folder / "cert.pem").write_bytes(signed("mx.us.example", key, named("An authority"), authority))
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))


def postfix(verb: str, folder: Path) -> None:
    done = subprocess.run([POSTFIX, "-c", str(folder / "etc"), verb], capture_output=True, text=True, timeout=60)
    if done.returncode and verb == "start":
        pytest.fail(f"Postfix does not start: {done.stderr}")


def listening(port: int) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
