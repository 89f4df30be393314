"""WS once more, for the tests: projection, quality, margins and co-decoding in plain Python, word by word."""


def projected(entities, links, longer):
    """The place of each entity (type, start, end) in the translation, or None."""
    result, used = [], []
    for kind, start, end in entities:
        targets = []
        for source, target in links:
            if start <= source and source < end:
                targets.append(target)
        if not targets:
            result.append(None)
            continue
        words = list(range(min(targets), max(targets) + 1))
        too_long = len(words) - (end - start) > longer
        if too_long or any(word in used for word in words):
            result.append(None)
        else:
            result.append((kind, words[0], words[-1] + 1))
            used += words
    return result


def quality(sentences, number):
    """The mean over the entity words of a sentence of how often the word has the type among all its occurrences."""
    shares = []
    for word, tag in zip(*sentences[number], strict=True):
        if tag != "O":
            same = total = 0
            for tokens, tags in sentences:
                for other, its in zip(tokens, tags, strict=True):
                    if other == word:
                        total += 1
                        same += its != "O" and its[2:] == tag[2:]
            shares.append(same / total)
    return sum(shares) / len(shares) if shares else 0


def mined(source, target, k, least):
    """Pairs whose margin is the highest of both, and at least so high."""

    def cosine(x, y):
        return sum(a * b for a, b in zip(x, y, strict=True))

    def near(x, others):
        best = sorted((cosine(x, other) for other in others), reverse=True)[:k]
        return sum(best) / len(best)

    def margin(x, y):
        mean = (near(x, target) + near(y, source)) / 2
        return cosine(x, y) / mean if mean > 0 else 0

    table = [[margin(x, y) for y in target] for x in source]
    pairs = []
    for i, row in enumerate(table):
        j = row.index(max(row))
        column = [other[j] for other in table]
        if column.index(max(column)) == i and row[j] >= least:
            pairs.append((i, j))
    return pairs


def heard(one, other):
    """The tag that two taggers choose of a word, from what each says of all tags; None where both say O."""
    a, b = one.index(max(one)), other.index(max(other))
    if a == 0 and b == 0:
        return None
    if a == 0:
        return other
    if b == 0:
        return one
    return one if max(one) >= max(other) else other
