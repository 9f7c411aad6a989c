import subprocess
import sys


def test_the_app_paints_before_torch_and_pandas_are_loaded():
    code = "import sys, jokegen.tui.app; print([name for name in ('torch', 'pandas') if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
