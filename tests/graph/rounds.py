from graph.state import Round


def a_round(p_better: float | None = None, gain: float | None = None) -> Round:
    return {
        "round": 1,
        "focus": "hard",
        "requested": 10,
        "accepted": 10,
        "dropped": 0,
        "foci": ["hard"],
        "calls": [],
        "validation": {"metric": "accuracy", "value": 0.5, "ci95": [0.4, 0.6], "n": 100},
        "p_better": p_better,
        "gain": gain,
        "student": "s",
        "kept": True,
        "seconds": 1.0,
        "usd": 0.0,
        "tokens": 0,
    }
