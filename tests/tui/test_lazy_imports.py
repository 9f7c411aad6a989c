import subprocess
import sys


def test_the_app_paints_before_anything_heavy_is_loaded():
    code = (
        "import sys, jokegen.tui.main, jokegen.tui.app\n"
        "print([name for name in ('torch', 'pandas', 'numpy', 'pydantic') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
