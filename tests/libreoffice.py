"""LibreOffice without a window, for tests: what another program makes of a workbook of ours."""

import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
</item>
</oor:items>
"""
"""All formulas are calculated anew when a workbook is opened; else LibreOffice may trust what the file says."""


def convert(path: Path, to: str, folder: Path) -> Path:
    """Open a file, calculate all formulas anew, and save it in a new folder as `to` (xlsx, ods, csv, pdf).

    The profile is fresh and lies in the folder, so that no other LibreOffice is in the way. Skips
    the test where LibreOffice is not installed.
    """
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice is not installed (no soffice on the path)")
    profile, out = folder / "profile", folder / "converted"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(RECALCULATE, encoding="utf-8")
    command = [program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore"]
    command += ["--convert-to", to, "--outdir", str(out), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return out / f"{path.stem}.{to}"


def with_false_results(path: Path, to: Path, false: str = "987654321") -> int:
    """Copy an .xlsx file with a false result in every cell that has a formula; gives how many there are."""
    count = 0
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as copy:
        for item in source.infolist():
            content = source.read(item)
            if item.filename.startswith("xl/worksheets/sheet"):
                # The cell's type is that of its result: a false number must not be marked as text.
                pattern = r'<c r="(\w+)"( s="\d+")?(?: t="\w+")?><f>(.*?)</f><v>.*?</v></c>'
                text, found = re.subn(
                    pattern, rf'<c r="\1"\2><f>\3</f><v>{false}</v></c>', content.decode("utf-8"), flags=re.DOTALL
                )
                content, count = text.encode("utf-8"), count + found
            copy.writestr(item, content)
    return count
