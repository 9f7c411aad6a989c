import subprocess
import sys

import pytest

PROGRAM = """
import sys
from jokegen.tui.preloading import preload_torch
preload_torch()
assert "torch" not in sys.modules
mapped = open("/proc/self/maps").read()
import torch
preload_torch()
print("libtorch_cpu" in mapped, float(torch.ones(2).sum()))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks at what is loaded through /proc")
def test_torchs_library_is_there_before_torch_is_imported():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "2.0"]
