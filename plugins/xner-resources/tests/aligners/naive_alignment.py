"""Alignment by similarity once more, for the tests (Jalili Sabet et al., 2020): plain Python, cell by cell."""


def argmax(similarity, allowed):
    """The allowed cells that no other cell of their row or column exceeds; of equal ones the first."""
    found = set()
    for i, row in enumerate(similarity):
        for j, value in enumerate(row):
            beaten = not allowed(i, j)
            for k, other in enumerate(row):
                beaten = beaten or (allowed(i, k) and (other > value or (other == value and k < j)))
            for k in range(len(similarity)):
                other = similarity[k][j]
                beaten = beaten or (allowed(k, j) and (other > value or (other == value and k < i)))
            if not beaten:
                found.add((i, j))
    return found


def itermax(similarity, iterations, discount):
    links = set()
    for _ in range(iterations):
        rows, columns = {i for i, _ in links}, {j for _, j in links}
        scaled = [
            [value * (discount if i in rows or j in columns else 1) for j, value in enumerate(row)]
            for i, row in enumerate(similarity)
        ]
        more = argmax(scaled, lambda i, j, rows=rows, columns=columns: not (i in rows and j in columns))
        if not more:
            break
        links |= more
    return sorted(links)
