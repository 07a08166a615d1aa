"""What her page seals, the service opens: RFC 9180 in a browser, and of pyca/cryptography."""

import base64
import subprocess

import pytest

from alerts.domain import recordings, vault
from alerts.evidence.errors import KeyHolderError
from tests.alerts.test_api_recordings import RECORDING
from tests.server import ROOT

pytestmark = pytest.mark.usefixtures("recordings_folder")

_SEAL = """
import { seal } from "./static/js/pure/hpke.js";
import { toldOf } from "./static/js/pure/soundkept.js";

const [key, id] = process.argv.slice(1);
for (const [number, size] of [[0, 0], [1, 1], [2, 65536]]) {
  const told = toldOf({ recording: { id }, segment: 3, number });
  const sealed = await seal(new Uint8Array(Buffer.from(key, "base64")), told, new Uint8Array(size).fill(7).buffer);
  console.log(Buffer.from(sealed).toString("base64"));
}
"""


def test_what_her_page_seals_the_service_opens_and_nobody_changes() -> None:
    key = base64.b64encode(vault.waiting()).decode()
    command = ["node", "--input-type=module", "--eval", _SEAL, key, str(RECORDING)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    seconds = [base64.b64decode(line) for line in said]

    opened = [recordings.take(RECORDING, one, number=number, segment=3) for number, one in enumerate(seconds)]
    assert opened == [b"", b"\7", b"\7" * 65536]
    for place in range(len(seconds[1])):
        changed = bytearray(seconds[1])
        changed[place] ^= 1
        with pytest.raises(KeyHolderError):
            recordings.take(RECORDING, bytes(changed), number=1, segment=3)
    assert len({one[:65] for one in seconds}) == 3, "a key of its own for each"
