"""`boxoffice up`: start every part, say so, watch them, and end them in order."""

import os
import shutil
from contextlib import ExitStack, suppress

from rich.console import Console

from cluster import open_files
from cluster.local import leftovers, mongo_url, partitions, ports, ray_node, record, services
from cluster.local.console import Teller
from cluster.local.folder import DataFolder
from cluster.local.parts import Part
from cluster.local.processes import Identity
from cluster.local.record import RunRecord
from cluster.local.waiting import Patience, Stopped
from cluster.local.watch import Watch
from cluster.settings import Settings


class Up:
    """One run of the marketplace on this machine."""

    def __init__(self, settings: Settings, console: Console) -> None:
        """Nothing is started yet."""
        self.settings = settings
        self.tell = Teller(console)
        self.folder = DataFolder(settings.data_dir, settings.database)
        self.patience = Patience()
        self.whole = settings
        self.parts: list[Part] = []
        me = Identity.of(os.getpid())
        assert me is not None
        self.record = RunRecord(owner=me)

    def run(self) -> None:
        """Run until a signal ends it. Raises `OperatorError` when it cannot start."""
        # Files of a copy hold secrets, and the data folder may have been made by somebody who lets others read it.
        os.umask(0o077)
        open_files.ask_for(open_files.PLENTY)  # a shell often gives a thousand, and every part inherits them
        self.patience.listen()
        self.folder.claim()
        ended = False
        try:
            self._prepare()
            self._start()
            Watch(self.parts, self.tell, self._note).run(self.patience)
        except Stopped:
            ended = True
        finally:
            self._end()
        if ended:
            self._tidy()

    def _prepare(self) -> None:
        """End what was left behind, check what must be free or answer, choose ports."""
        before = record.load(self.folder.record)
        if left := leftovers.find(self.folder, before):
            with self.tell.step(f"Ending {len(left)} processes that an earlier run left behind"):
                leftovers.end(left)
        ports.demand_free(self.settings.host, self.settings.port)
        if url := self.settings.secret("MONGO_URL"):
            mongo_url.demand_replica_set(url)
            partitions.demand_agreement(self.settings)  # of the embedded one only once it runs
        block = ports.choose(before.first_port if before else None, without=self.settings.port)
        self.parts = services.parts(self.settings, self.folder, block)
        self._describe(block)

    def _describe(self, block: ports.Ports) -> None:
        whole = self.whole = services.complete(self.settings, self.folder, block)
        self.record.url = services.local_url(whole)
        self.record.first_port = block.first
        self.record.mongo_url = mongo_url.without_password(whole.secret("MONGO_URL") or "")
        self.record.database = whole.database
        self.record.sandbox_url = "" if self.settings.stripe_key else str(whole.stripe_api_base).rstrip("/")
        self.record.ray_address = f"127.0.0.1:{block.gcs}"
        self.record.dashboard_url = f"http://127.0.0.1:{block.dashboard}"
        self.record.namespace = whole.config().namespace
        self.record.save(self.folder.record)

    def _start(self) -> None:
        """Start all parts at once, then wait for each: they need each other only when they work."""
        for part in self.parts:
            part.begin()
            self._note(part)
        ray_node.link_logs(self.folder)
        for part in self.parts:
            with self.tell.step(part.doing):
                if part is self.parts[-1]:  # Ray, which takes longest: all it needs works by now
                    partitions.demand_agreement(self.whole)
                part.await_work(self.patience)
        self.record.state = "ready"
        self.record.save(self.folder.record)
        self.tell.announce(self.record.url, self._notes())

    def _notes(self) -> list[str]:
        stripe = f"a sandbox at {self.record.sandbox_url}" if self.record.sandbox_url else "the given key"
        return [
            f"data     {self.folder.path}",
            f"MongoDB  {self.record.mongo_url}",
            f"Stripe   {stripe}",
            f"Ray      {self.record.dashboard_url}",
            *services.remarks(self.settings),
        ]

    def _note(self, part: Part) -> None:
        assert part.child is not None
        self.record.children[part.name] = part.child.identity
        self.record.save(self.folder.record)

    def _end(self) -> None:
        """End every part, last started first, and whatever they may have let go of: each whatever the others raise."""
        self.record.state = "stopping"
        with ExitStack() as steps:  # what is put on it first is done last
            steps.callback(self.folder.release)
            steps.callback(self._record_end)
            steps.callback(lambda: leftovers.end(leftovers.find(self.folder, self.record)))
            for part in self.parts:
                steps.callback(self._stop, part)

    def _stop(self, part: Part) -> None:
        if part.running():
            with self.tell.step(f"Ending {part.title}"):
                part.stop()
        else:
            part.stop()

    def _record_end(self) -> None:
        self.record.children.clear()
        # A full disk, perhaps: the next start finds out by itself that nothing runs, and the reason is told elsewhere.
        with suppress(OSError):
            if self.record.first_port:
                self.record.save(self.folder.record)

    def _tidy(self) -> None:
        """Remove what only a running copy, or one that failed, has a use for."""
        (self.folder.logs / "ray").unlink(missing_ok=True)
        shutil.rmtree(self.folder.run, ignore_errors=True)
        self.tell.say("Box Office is closed; everything is kept.")
