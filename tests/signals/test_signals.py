"""Each signal against a loop over pairs that follows the paper's formula, and against closed forms."""

import math

import pytest
import torch

from facerep.signals.identification import Softmax
from facerep.signals.margin_heads import MarginHead
from facerep.signals.verification import KINDS, VerificationSignal
from facerep.signals.verification_margin import Margin, distance_of_fewest_errors


def batch(n=7, d=5, seed=0):
    torch.manual_seed(seed)
    return torch.randn(n, d, dtype=torch.float64), torch.tensor([0, 0, 1, 1, 2, 2, 0][:n])


def pair_loss(kind, a, b, same, margin, slope=5.0, offset=-2.5):
    if kind == "cosine":
        cosine = float(a @ b / (a.norm() * b.norm()))
        return 0.5 * (float(same) - 1 / (1 + math.exp(-(slope * cosine + offset)))) ** 2
    distance = float((a - b).abs().sum() if kind == "l1" else (a - b).norm())
    if same:
        return 0.0 if kind == "l2-" else 0.5 * distance**2
    return 0.0 if kind == "l2+" else 0.5 * max(0.0, margin - distance) ** 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scale", [1.0, 4.0])
def test_verification_equals_the_loop_over_pairs(kind, scale):
    features, people = batch()
    genuine, impostor = [], []
    for i in range(len(people)):
        for j in range(i + 1, len(people)):
            same = bool(people[i] == people[j])
            value = pair_loss(kind, features[i] / scale, features[j] / scale, same, margin=2.0)
            (genuine if same else impostor).append(value)
    expected = 0.3 * sum(genuine) / len(genuine) + 0.7 * sum(impostor) / len(impostor)
    signal = VerificationSignal(kind, share=0.3, scale=scale)
    assert float(signal(features, people, margin=2.0).detach()) == pytest.approx(expected, rel=1e-4)


def test_pull_alone_leaves_impostors_and_push_alone_leaves_genuine_pairs_where_they_are():
    features, _ = batch(2)
    for kind, people in (("l2+", torch.tensor([0, 1])), ("l2-", torch.tensor([0, 0]))):
        moved = features.clone().requires_grad_()
        VerificationSignal(kind)(moved, people, margin=100.0).backward()
        assert moved.grad.abs().sum() == 0


def test_an_impostor_beyond_the_margin_has_no_gradient():
    features = torch.tensor([[0.0, 0.0], [3.0, 4.0]], requires_grad=True)
    VerificationSignal("l2")(features, torch.tensor([0, 1]), margin=5.0).backward()
    assert features.grad.abs().sum() == 0


def test_two_faces_with_one_feature_have_a_finite_gradient():
    features = torch.zeros(2, 3, requires_grad=True)
    VerificationSignal("l2")(features, torch.tensor([0, 1]), margin=1.0).backward()
    assert torch.isfinite(features.grad).all()


def test_the_best_threshold_has_the_fewest_errors_of_all():
    torch.manual_seed(1)
    distance, same = torch.rand(60), torch.rand(60) < 0.5
    chosen = float(distance_of_fewest_errors(distance, same))
    errors = lambda t: int(((distance <= t) != same).sum())  # noqa: E731
    assert errors(chosen) == min(errors(float(t)) for t in distance)


def test_the_margin_is_held_until_n_pairs_were_seen_and_then_is_their_best_threshold():
    margin = Margin(pairs=8, start=3.0)
    distance = torch.tensor([1.0, 1.1, 5.0, 5.1])
    same = torch.tensor([True, True, False, False])
    margin.update(distance, same)
    assert float(margin.value) == 3.0
    margin.update(distance, same)
    assert float(margin.value) == pytest.approx((1.1 + 5.0) / 2)


def test_a_margin_that_starts_at_zero_is_set_by_the_first_batch():
    margin = Margin(pairs=1000)
    margin.update(torch.tensor([1.0, 2.0]), torch.tensor([True, False]))
    assert float(margin.value) == pytest.approx(1.5)


def test_the_margin_has_no_gradient_and_is_part_of_the_state():
    margin = Margin(pairs=4, start=1.0)
    assert list(margin.parameters()) == []
    assert set(margin.state_dict()) == {"value", "distance", "same", "seen"}


def test_softmax_is_the_cross_entropy_of_its_own_scores():
    features, people = batch()
    signal = Softmax(5, 3).double()
    logits = (features @ signal.full.weight.T + signal.full.bias).detach()
    expected = (
        sum(-math.log(math.exp(logits[i, p]) / sum(math.exp(x) for x in logits[i])) for i, p in enumerate(people)) / 7
    )
    assert float(signal(features, people).detach()) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("kind", ["cosface", "arcface"])
def test_margin_heads_equal_plain_arithmetic_at_known_angles(kind):
    head = MarginHead(kind, features=2, people=2, margin=0.3, scale=10.0)
    with torch.no_grad():
        head.loss.W.copy_(torch.eye(2))  # person 0 at 0 degrees, person 1 at 90
    for degrees in (20.0, 70.0):
        angle = math.radians(degrees)
        own = math.cos(angle) - 0.3 if kind == "cosface" else math.cos(angle + 0.3)
        scores = [10 * own, 10 * math.sin(angle)]
        expected = -math.log(math.exp(scores[0]) / sum(map(math.exp, scores)))
        features = torch.tensor([[2 * math.cos(angle), 2 * math.sin(angle)]])
        assert float(head(features, torch.tensor([0])).detach()) == pytest.approx(expected, rel=1e-3)


def test_a_margin_can_be_brought_in_slowly():
    head = MarginHead("cosface", features=2, people=2, margin=0.4, scale=10.0)
    head.bring_in(0.5)
    assert head.loss.margin == pytest.approx(0.2)
    head.bring_in(3.0)
    assert head.loss.margin == pytest.approx(0.4)
