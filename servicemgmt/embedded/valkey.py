"""One Valkey server: broker and cache. Its password stands in a private file, never on a command line."""

import json
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

from servicemgmt.embedded import binaries, child, postgres
from servicemgmt.embedded.account import Account
from servicemgmt.embedded.folder import Folder

CONFIGURATION = """\
bind 127.0.0.1
protected-mode yes
port {port}
dir {folder}
requirepass {password}
daemonize no
set-proc-title no
save ""
appendonly {appendonly}
"""


@dataclass(frozen=True)
class Valkey:
    """The server of one data folder, run by one account."""

    folder: Folder
    account: Account

    key = "valkey"
    stop_signal = signal.SIGTERM
    stop_seconds = 5.0

    @property
    def mark(self) -> Path:
        return self.folder.valkey

    @property
    def log(self) -> Path:
        return self.folder.logs / "valkey.log"

    def url(self, port: int) -> str:
        return f"redis://:{self.folder.secret('valkey.password')}@127.0.0.1:{port}/0"

    def make(self) -> None:
        self.folder.valkey.mkdir(mode=0o700, exist_ok=True)
        self.account.own(self.folder.valkey)

    def command(self, port: int, throwaway: bool) -> list[str]:
        """The command line; writes the private configuration file it names."""
        path = self.folder.valkey / "valkey.conf"
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(
            CONFIGURATION.format(
                port=port,
                folder=json.dumps(str(self.folder.valkey), ensure_ascii=False),
                password=self.folder.secret("valkey.password"),
                appendonly="no" if throwaway else "yes",
            ),
            encoding="utf-8",
        )
        self.account.own(path)
        return [str(binaries.valkey_server()), str(path)]

    def clear_leftovers(self) -> None:
        """End a server that outlived its supervisor."""
        pid = self.folder.read_state().get(f"{self.key}_pid")
        if pid and (process := child.running(pid, self.mark)):
            child.end(process, self.stop_signal, self.stop_seconds)

    def is_ready(self, port: int) -> bool:
        """True when it answers; while it still loads its file it says LOADING."""
        password = self.folder.secret("valkey.password")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=2) as line:
                line.sendall(f"AUTH {password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (more := line.recv(1000)):
                    answer += more
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"


environment = postgres.environment
