"""The claims for the eye: what several measured has a line each."""

from facerep.report.claims import claims as claims_report
from facerep.report.target import show
from facerep.studies.claims.claims import Claims, Measured, MeasuredClaim
from facerep.studies.claims.deepid2plus import CLAIMS


def test_each_measurement_of_a_claim_has_a_line_where_there_are_several(capsys):
    claim = next(claim for claim in CLAIMS if claim.text == "Hamming, FC-4")
    common = {"low": 87.5, "high": 92.5, "how": "view2", "file": "x"}
    ours = [Measured(value=value, of=of, ours=True, **common) for value, of in ((90.0, "a"), (91.0, "b"))]
    other = Measured(value=95.0, of="c", ours=False, **common)
    show(claims_report.report_of(Claims((MeasuredClaim(claim, (ours[0], other)),))), json=False)
    assert "\nHamming, FC-4     | 96.45 | 90.0 [87.5, 92.5] | 95.0 [87.5, 92.5]\n" in capsys.readouterr().out
    show(claims_report.report_of(Claims((MeasuredClaim(claim, (*ours, other)),))), json=False)
    lines = capsys.readouterr().out.splitlines()
    assert [line.rstrip(" |") for line in lines[2:5]] == [
        "Hamming, FC-4     | 96.45",
        "    a / c         |       | 90.0 [87.5, 92.5] | 95.0 [87.5, 92.5]",
        "    b             |       | 91.0 [87.5, 92.5]",
    ]
    again = Measured(value=80.0, of="a", ours=True, **{**common, "how": "view1"})
    show(claims_report.report_of(Claims((MeasuredClaim(claim, (*ours, again)),))), json=False)
    shown = capsys.readouterr().out
    assert "\n    a: view2 " in shown
    assert "\n    a: view1 " in shown
    assert "here: a; b\n" in shown
