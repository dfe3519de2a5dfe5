from hypothesis import given
from hypothesis import strategies as st

from kpi_engine.mapping.evidence import GRADE_MEANING, GRADE_WEIGHT, GRADE_WORDS, strongest
from kpi_engine.terms import EvidenceGrade


def test_every_grade_has_a_word_a_meaning_and_a_weight():
    assert set(GRADE_WORDS) == set(GRADE_MEANING) == set(GRADE_WEIGHT) == set(EvidenceGrade)


def test_grades_weigh_less_from_a_to_e_and_contradicted_weighs_nothing():
    weights = [GRADE_WEIGHT[grade] for grade in EvidenceGrade]

    assert weights == sorted(weights, reverse=True)
    assert weights[-1] == 0


@given(st.lists(st.sampled_from(EvidenceGrade), min_size=1))
def test_weak_links_never_add_up_to_a_strong_one(grades):
    assert strongest(grades) in grades
    assert GRADE_WEIGHT[strongest(grades * 3)] == max(GRADE_WEIGHT[grade] for grade in grades)


def test_no_links_have_no_grade():
    assert strongest([]) is None
