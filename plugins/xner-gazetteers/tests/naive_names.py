"""The features and the greedy tagger of `wiki` once more, in plain Python, word by word."""

import math


def features(words, names, stops):
    """Returns the names of the features of each word; `names` is from a name without spaces to ranked types."""
    count, rows = len(words), []

    def types(start, end):
        several = words[start:end]
        cased = any(word != word.lower() or word == word.upper() for word in several)
        return names.get("".join(several).lower(), ())[:2] if 0 <= start < end <= count and cased else ()

    for place in range(count):
        row = {f"TOP-{kind}" for kind in types(place, place + 1)}
        for start in range(count):
            for end in range(start + 2, min(start + 4, count) + 1):
                if start <= place < end:
                    row |= {f"{'B' if place == start else 'I'}-TOP-{kind}" for kind in types(start, end)}
        ends = [types(place - size, place) for size in (4, 3, 2, 1)]
        begins = [types(place + 1, place + 1 + size) for size in (4, 3, 2, 1)]
        row |= {f"BEFORE-{kind}" for kind in next(filter(None, ends), ())}
        row |= {f"AFTER-{kind}" for kind in next(filter(None, begins), ())}
        if words[place].lower() in stops:
            row.add("STOP")
        rows.append(row)
    return rows


def greedy(rows, weights, bias):
    """Returns the probabilities of each word's tags, each given the best tags of the two words before."""
    number, said = len(bias), []
    size, tags = len(weights) - 2 * (number + 1), []
    for place, row in enumerate(rows):
        before = [tags[place - back] if place - back >= 0 else number for back in (1, 2)]
        scores = []
        for tag in range(number):
            score = bias[tag] + sum(value * weights[at][tag] for at, value in enumerate(row))
            score += weights[size + before[0]][tag] + weights[size + number + 1 + before[1]][tag]
            scores.append(score)
        whole = sum(math.exp(score) for score in scores)
        said.append([math.exp(score) / whole for score in scores])
        tags.append(max(range(number), key=lambda tag: scores[tag]))
    return said
