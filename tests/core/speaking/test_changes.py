import numpy as np
import pytest
from jokegen.core.speaking.changes import largest_changes


def test_the_largest_changes_by_hand():
    hidden = np.array([[[0.0, 0.5]], [[0.1, 0.2]]])
    cell = np.array([[[1.0, 2.0]], [[3.0, 4.0]]])
    after = np.array([[[0.0, 0.1]], [[0.2, 0.2]]]), np.array([[[1.2, 2.0]], [[0.0, 4.0]]])
    found = largest_changes((hidden, cell), after, 3)
    assert [(change.part, change.layer, change.unit) for change in found] == [(1, 1, 0), (0, 0, 1), (1, 0, 0)]
    assert [change.change for change in found] == pytest.approx([-3.0, -0.4, 0.2])


def test_a_state_without_cells_has_changes_too():
    found = largest_changes((np.zeros((1, 1, 3)),), (np.array([[[0.0, -1.0, 0.5]]]),), 10)
    assert [(change.part, change.unit) for change in found] == [(0, 1), (0, 2), (0, 0)]


def test_states_that_cannot_be_compared_are_refused():
    with pytest.raises(ValueError, match="one network"):
        largest_changes((np.zeros((1, 1, 3)),), (np.zeros((1, 1, 4)),), 1)
    with pytest.raises(ValueError, match="one text"):
        largest_changes((np.zeros((1, 2, 3)),), (np.zeros((1, 2, 3)),), 1)
