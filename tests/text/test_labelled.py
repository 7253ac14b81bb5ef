"""The measured promise: identity goes, clinical words stay.

The rules were written with tuning.tsv in view. held_out.tsv has four parts, written one after the other and each
measured before anyone looked at what it missed: 96.4, 97.1, 97.5 and at last 99.4 % of the clinical words stayed. Of
the words then labelled as identity 97.5, 95.1, 95.5 and 93.5 % went; most of the others were titles, relations and
cues (`referred by`, `MR#`), which are labelled as neither now. What was missed for a general cause was mended after
each.

blind.tsv has four rounds by somebody who had seen neither rules nor lists before the first, each measured at first
sight with the patient's values known where the line names them, mended for general causes, and followed by the next.
Of the words that identify 97.8, 96.4, 97.9 and 97.3 % went, as labelled now (96.4, 95.4, 96.4 and 97.3 % with titles,
relations and kinds of institutions counted as identity); of the clinical words 95.7, 95.8, 96.1 and 98.6 % stayed
(95.1, 94.3, 95.7 and 97.9 % with words counted that are the patient's name as well).

fresh.tsv was written after all of these, most of it hard on purpose, in three rounds: at first sight 96.7, 91.3 and
98.2 % of the words that identify went, and 97.4, 97.8 and 99.4 % of the clinical words stayed, as labelled now (90.9,
88.7 and 96.5 % of identity, 96.9, 97.8 and 99.4 % of clinical words as labelled first, with kinds of places, `Baby
Boy` and numbers of wards counted as identity). What let words through: context was not read where every word was plain
(`Mr Foot`), initials that are abbreviations too, employers and places made of plain words. Only the first round was
written before its writer had seen the rules. Words like `by` that went with their object count for nothing since. Two
capitals before RT may be a technologist or a projection; they count for nothing as well.
"""

import pytest

from tests.text.labels import measure, read

SETS = ("tuning", "held_out", "blind", "fresh")


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("with_known", [True, False])
def test_identity_goes_and_clinical_words_stay(name, with_known):
    measured = measure(list(read(name)), with_known=with_known)
    assert measured.recall >= 0.999, measured.wrong
    assert measured.retention >= 0.98, measured.wrong


def test_there_are_enough_texts_of_all_kinds():
    labelled = [each for name in SETS for each in read(name)]
    assert len(labelled) >= 900
    assert len({each.text for each in labelled}) == len(labelled)
    assert {each.language for each in labelled} == {"en", "de", "fr", "es", "ja", "zh"}
    assert len({each.place for each in labelled}) >= 10
    assert sum(bool(each.known) for each in labelled) >= 40
