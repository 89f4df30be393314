"""TMP once more, for the tests: matching, spans and counting (Jain et al., 2019) in plain Python, as described.

Nothing is shared with the code that is held against it.
"""

from itertools import permutations
from math import log


def score(candidate, word):
    best = 0.0
    for a in [candidate] + (candidate.split("-") if "-" in candidate else []):
        for b in [word] + (word.split("-") if "-" in word else []):
            m = 0
            for size in range(len(a) + 1):
                prefix = a[:size]
                if b[:size] == prefix or b[len(b) - size :] == prefix:
                    m = size if size <= len(b) else m
            if a and b:
                best = max(best, min(m / len(b), m / len(a)))
    return best


def edits(a, b):
    rows = [[max(i, j) if i == 0 or j == 0 else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            change = rows[i - 1][j - 1] + (a[i - 1] != b[j - 1])
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, change)
    return rows[-1][-1]


def matched(candidates, words, stop):
    found = set()
    for candidate in candidates:
        for own in candidate:
            scores = []
            for word in words:
                if own.lower() in stop or word.lower() in stop:
                    scores.append(1.0 if own.lower() == word.lower() else 0.0)
                else:
                    scores.append(score(own.lower(), word.lower()))
            for place, each in enumerate(scores):
                if each == max(scores) and each >= 0.5:
                    found.add(place)
    return found


def spans(places, words, stop):
    """Every run of matched words between two that are not, whole and without stop words at either end."""
    found = []
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            inside = all(place in places for place in range(start, end))
            if inside and start - 1 not in places and end not in places:
                starts, ends = [start], [end]
                a, b = start, end
                while a < end and words[a].lower() in stop:
                    a += 1
                while b > start and words[b - 1].lower() in stop:
                    b -= 1
                starts.append(a)
                ends.append(b)
                found += [(x, y) for x in starts for y in ends if x < y]
    return set(found)


def distance(span, candidates):
    text = " ".join(span).lower()
    return min(edits(text, " ".join(order).lower()) for c in candidates for order in permutations(c))


def projected(entities, words, stop):
    """Entities are lists of candidates; the nearest pair of entity and span is taken, and again of what is left."""
    wanted = []
    for number, candidates in enumerate(entities):
        for start, end in spans(matched(candidates, words, stop), words, stop):
            if end - start < 10:
                wanted.append((distance(words[start:end], candidates), start - end, number, start, end))
    result = [None] * len(entities)
    while wanted:
        _, _, number, start, end = min(wanted)
        result[number] = (start, end)
        wanted = [w for w in wanted if w[2] != number and (w[4] <= start or w[3] >= end)]
    return result


def keywords(there, everywhere, stop):
    scores = {}
    for word in {word.lower() for words in there for word in words}:
        if word in stop or not any(c.isalpha() for c in word) or any(c.isdigit() for c in word):
            continue
        tf = sum(other.lower() == word for words in there for other in words)
        df = sum(any(other.lower() == word for other in words) for words in everywhere)
        value = tf * log(len(everywhere) / df)
        if value > 0:
            scores[word] = value
    while len(scores) > 4:
        worst = max(scores, key=lambda word: (-scores[word], word))
        del scores[worst]
    return scores
