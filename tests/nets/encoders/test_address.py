"""Where an encoder is looked for: folders, the hub's cache, and a hub (on the loopback)."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from serbench.errors import EncoderError
from serbench.nets.encoders import located
from serbench.nets.encoders.address import address, here

SHA = "a" * 40
ASK = """
import sys
from serbench.errors import SerbenchError
from serbench.nets.encoders import located
for asked in sys.argv[1:]:
    try:
        found = located(*asked.split("@"))
        print(found.folder, found.weights)
    except SerbenchError as error:
        print(type(error).__name__, error)
heavy = {"torch", "transformers"} & set(sys.modules)
assert not heavy, heavy
"""


@dataclass
class Hub:
    """A hub with one encoder, "lab/tiny"; what it was asked for, and how to ask it."""

    folder: Path
    home: Path
    asked: list[str] = field(default_factory=list)
    port: int = 0

    def ask(self, *sources: str, **environment: str) -> str:
        """What another process says of these sources, without loading torch or transformers."""
        own = {"HF_ENDPOINT": f"http://127.0.0.1:{self.port}", "HF_HOME": str(self.home)}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
        done = subprocess.run(
            [sys.executable, "-P", "-c", ASK, *sources],
            env={**kept, **own, "HF_HUB_DISABLE_XET": "1", **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def answer(self, path: str) -> tuple[bytes, dict[str, str]] | str:
        """Content and headers of what a path leads to, or the hub's word for what is wrong."""
        files = sorted(self.folder.iterdir())
        if path in {f"/api/models/lab/tiny/revision/{name}" for name in ("main", SHA)}:
            names = [{"rfilename": file.name} for file in files]
            return json.dumps({"id": "lab/tiny", "sha": SHA, "siblings": names}).encode(), {}
        if path.startswith("/api/models/lab/tiny/tree/"):
            rows = [
                {"type": "file", "path": f.name, "size": f.stat().st_size, "oid": digest(f)}
                for f in files
            ]
            return json.dumps(rows).encode(), {}
        if path.startswith("/lab/tiny/resolve/"):
            file = self.folder / path.rpartition("/")[2]
            if not file.is_file():
                return "EntryNotFound"
            return file.read_bytes(), {"ETag": f'"{digest(file)}"', "X-Repo-Commit": SHA}
        return "RevisionNotFound" if "lab/tiny" in path else "RepoNotFound"


def digest(file: Path) -> str:
    return hashlib.sha1(file.read_bytes()).hexdigest()


@pytest.fixture
def hub(wavlm: Path, tmp_path: Path) -> Iterator[Hub]:
    hub = Hub(Path(shutil.copytree(wavlm, tmp_path / "hub")), tmp_path / "home")
    (hub.folder / "README.md").write_text("not needed")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hub.asked.append(self.path.rpartition("/")[2])
            answer = hub.answer(self.path)
            content, headers = (b"", {}) if isinstance(answer, str) else answer
            self.send_response(404 if isinstance(answer, str) else 200)
            if isinstance(answer, str):
                headers = {"X-Error-Code": answer}
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content)

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, *told: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield hub
    server.shutdown()
    thread.join()
    server.server_close()


class TestFolders:
    def test_a_folder_that_exists_wins(self, wavlm, tmp_path, monkeypatch):
        (tmp_path / "microsoft").mkdir()
        (tmp_path / "microsoft" / "wavlm-base").symlink_to(wavlm)
        monkeypatch.chdir(tmp_path)
        assert address("microsoft/wavlm-base") == wavlm.resolve()
        monkeypatch.setenv("HOME", str(tmp_path))
        assert address("~/microsoft/wavlm-base") == wavlm.resolve()

    def test_an_id_of_the_hub_is_no_folder(self):
        assert here("microsoft/wavlm-base-plus") is None
        assert here("bert-base-uncased") is None

    @pytest.mark.parametrize(
        "source", ["", "/no/such/folder", "./wavlm", "a/b/c", "~nobody-here/x", "a b", "x" * 5000]
    )
    def test_neither(self, source):
        with pytest.raises(EncoderError, match="no folder of this machine and no id of the hub"):
            here(source)

    def test_a_file(self, wavlm):
        with pytest.raises(EncoderError, match=r"config\.json' is no folder"):
            here(str(wavlm / "config.json"))


class TestHub:
    def test_fetched_once_and_found_without_a_network(self, hub, wavlm):
        said = hub.ask("lab/tiny").split()
        snapshot = hub.home / f"hub/models--lab--tiny/snapshots/{SHA}"
        assert said == [str(snapshot), located(str(wavlm)).weights]
        assert "README.md" not in hub.asked
        assert "model.safetensors" in hub.asked
        hub.asked.clear()
        assert hub.ask("lab/tiny").split() == said
        assert hub.asked == []
        assert hub.ask("lab/tiny", f"lab/tiny@{SHA}", HF_HUB_OFFLINE="1").split() == said * 2
        assert hub.asked == []
        # What other programs left there in part is completed.
        (snapshot / "preprocessor_config.json").unlink()
        assert "without its preprocessor_config.json" in hub.ask("lab/tiny", HF_HUB_OFFLINE="1")
        assert hub.ask("lab/tiny").split() == said

    def test_pickled_weights_are_fetched_only_where_there_are_no_others(self, hub):
        content = load_file(hub.folder / "model.safetensors")
        torch.save(content, hub.folder / "pytorch_model.bin")
        hub.ask("lab/tiny")
        assert "pytorch_model.bin" not in hub.asked
        shutil.rmtree(hub.home)
        (hub.folder / "model.safetensors").unlink()
        folder, _ = hub.ask("lab/tiny").split()
        assert "pytorch_model.bin" in hub.asked
        assert (Path(folder) / "pytorch_model.bin").is_file()

    def test_no_such_encoder_or_revision(self, hub):
        said = hub.ask("lab/none", "lab/tiny@v9")
        assert "EncoderError the hub has no encoder 'lab/none'" in said
        assert "EncoderError the encoder 'lab/tiny' has no revision 'v9' on the hub" in said

    def test_no_network(self, hub):
        start = time.monotonic()
        for environment in ({"HF_HUB_OFFLINE": "1"}, {"HF_ENDPOINT": "http://127.0.0.1:9"}):
            said = hub.ask("lab/tiny", **environment)
            assert said.startswith("EncoderError the encoder 'lab/tiny' is not on this machine")
            assert "hf download lab/tiny --local-dir FOLDER" in said
        assert time.monotonic() - start < 30
