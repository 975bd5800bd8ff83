"""What people say in a word or two: yes, no, stop, go on; in several languages."""

import re

from tools.text import folded

GREETING = (
    "Hello! Say in a sentence or two what the model should do, such as 'Sort support mails into"
    " refund, delivery and other'. Examples help, one a line: text -> answer."
)
_POLITE = """
    please, thanks, thank you, bitte, danke, merci, s'il vous plaît, s'il te plaît, por favor,
    gracias, grazie, per favore, obrigado, obrigada, dank je, alstublieft, proszę, tack, kiitos,
    there, zusammen, it, that, this, now, everything, the run, jetzt, sofort, maintenant, ahora,
    adesso, agora, right now, immediately, so, to me, for me, für mich, all, all good, then, dann
"""
_GREETINGS = """
    hi, hello, hey, hallo, guten tag, guten morgen, guten abend, moin, servus, grüezi, bonjour,
    salut, hola, ciao, buongiorno, olá, hej, cześć, ahoj, good morning, good day, good evening,
    good afternoon, help, /help, hilfe, aide, ayuda, aiuto, ajuda, what can you do, who are you,
    was kannst du, wer bist du, こんにちは, 你好, привет
"""
_YES = """
    y, yes, yeah, yep, yup, sure, ok, okay, correct, right, exactly, perfect, great, good, fine,
    agreed, agree, i agree, approve, approved, go, go ahead, do it, start, begin, please do,
    sounds good, looks good, looks right, lgtm, that's right, that is right, that's it,
    that's correct, yes it is, it is, all right, alright, absolutely, of course, definitely,
    ja, jawohl, jep, genau, richtig, stimmt, das stimmt, passt, gut, einverstanden, in ordnung,
    los, leg los, mach das, klar, gerne, so ist es, na klar,
    oui, ouais, d'accord, c'est bon, c'est ça, c'est exact, exact, parfait, vas-y, allez-y,
    bien sûr, tout à fait, sí, si, claro, vale, de acuerdo, correcto, exacto, adelante, perfecto,
    está bien, sì, va bene, d'accordo, esatto, certo, perfetto, giusto, procedi, sim, isso, está
    bem, pode ser, perfeito, ja hoor, prima, akkoord, klopt, goed, graag, jazeker, tak, dobrze,
    zgoda, jasne, ano, dobře, souhlasím, jo, jasně, áno, dobre, kyllä, joo, juu, igen, jó, rendben,
    da, sigur, bine, u redu, može, evet, tamam, jah, jā, taip, да, конечно, хорошо, согласен, так,
    верно, согласна, добре, ναι, εντάξει, はい, うん, そうです, それでいい, 了解, 是,
    是的, 好, 好的, 对, 可以, 네, 예, 맞아요, हाँ, نعم, כן, vâng, đúng, ใช่
"""
_NO = """
    n, no, nope, nah, never, wrong, that's wrong, not like this, not this, not that, not right,
    that's not right, not quite, incorrect, don't, do not, nein, nee, nö, falsch, das ist falsch,
    nicht so, lieber nicht, das stimmt nicht, stimmt nicht, non, faux, pas ça, pas comme ça,
    c'est faux, incorrecto, mal, así no, não, errado, sbagliato, così no, nee hoor, fout, nie,
    źle, ne, špatně, ei, nem, nu, nej, nei, hayır, нет, неверно, ні, όχι, いいえ, 違います,
    ちがいます, 不, 不是, 不对, 아니요, नहीं, لا, לא, không, ไม่
"""
_STOP = """
    stop, pause, halt, abort, cancel, interrupt, wait, stopp, anhalten, pausieren, pausiere,
    abbrechen, unterbrechen, hör auf, aufhören, arrête, arrêter, stoppe, para, parar, detente,
    arrête-toi, arrêtez, arrête tout, halte, basta, pausa, pausar, ferma, fermati,
    fermare, pare, parada, zastav, zatrzymaj, stoppa, стоп, остановись, 停, 止めて
"""
_GO_ON = """
    go on, continue, resume, carry on, keep going, proceed, weiter, weitermachen, mach weiter,
    fortsetzen, fahre fort, fahr fort, continuer, continuez, poursuis, poursuivez, continúa,
    continua, sigue, seguir, vai avanti, prosegui, ga door, ga verder, kontynuuj, pokračuj,
    fortsätt, продолжай, 続けて, 继续
"""
_AFTER_ROUND = """
    after this round, after the round, after the current round, at the end of this round, at the
    end of the round, when this round is over, when this round is done, when this round ends, once
    this round is over, once this round is done, finish this round, finish the round,
    nach dieser runde, nach der runde, am ende dieser runde, am ende der runde, wenn diese runde
    vorbei ist, wenn diese runde fertig ist, mach diese runde fertig, beende diese runde, après ce
    tour, à la fin de ce tour, à la fin du tour, termine ce tour, después de esta ronda, al final
    de esta ronda, termina esta ronda, dopo questo giro, alla fine di questo giro, depois desta
    rodada, no fim desta rodada, na deze ronde
"""
_END = f"""{_STOP},
    finish, end, quit, beende, beenden, schluss, mach schluss, termine, termina, arrête-toi, arrêtez,
    arrêtez-vous
"""
_ASKED_FOR = """
    can you, could you, can we, could we, you can, you may, let's, let us, i want you to, i'd like
    you to, kannst du, könntest du, können wir, du kannst, peux-tu, tu peux, puedes, puoi
"""
LONGEST = 80
"""Characters of a message that says one thing only."""
_THUMBS = re.compile(r"[👍👌✅✓✔🏻🏼🏽🏾🏿\ufe0f\s]+")


def _saying(phrases: str) -> re.Pattern[str]:
    """Return what a message is that says some of these phrases, and at most is polite beside."""
    said, polite = _either(phrases), _either(_POLITE)
    return re.compile(rf"(?:{polite}\W+)*(?:{said}(?:\W+|$))+(?:{polite}(?:\W+|$))*")


def _saying_when() -> re.Pattern[str]:
    """Return what a message is that wants an end after the round, and at most is polite beside."""
    end, when, asked = map(_either, (_END, _AFTER_ROUND, _ASKED_FOR))
    between = rf"\W+(?:{_either(_POLITE + ', and, und, et, y, e, en')}\W+)*"
    polite = rf"(?:{_either(_POLITE)}(?:\W+|$))*"
    wish = rf"(?:{end}{between}{when}|{when}(?:{between}{end})?)"
    # Whether it will end is a question; whether it can, as a rule, is none.
    return re.compile(rf"{polite}(?:{asked}{between}{wish}\W*|{wish}[^\w?]*){polite}")


def _either(phrases: str) -> str:
    names = {folded(name) for name in phrases.split(",")} - {""}
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    return f"(?:{'|'.join(map(re.escape, longest_first))})"


_SAYS = {
    kind: _saying(phrases)
    for kind, phrases in (
        ("greeting", _GREETINGS), ("yes", _YES), ("no", _NO), ("stop", _STOP), ("go on", _GO_ON),
    )
} | {"stop round": _saying_when()}  # fmt: skip


def _says(kind: str, text: str) -> bool:
    plain = folded(text).replace("’", "'")
    return len(plain) <= LONGEST and _SAYS[kind].fullmatch(plain) is not None


def is_greeting(text: str) -> bool:
    """Say whether a message only greets, or asks what there is to be done here."""
    return _says("greeting", text)


def says_yes(text: str) -> bool:
    """Say whether a message agrees and says nothing else."""
    return _says("yes", text) or bool(text.strip() and _THUMBS.fullmatch(text.strip()))


def says_no(text: str) -> bool:
    """Say whether a message declines and says nothing else."""
    return _says("no", text)


def says_stop(text: str) -> str | None:
    """Return `stop round` or `stop now` where a message says so."""
    if _says("stop round", text):
        return "stop round"
    return "stop now" if _says("stop", text) else None


def says_go_on(text: str) -> bool:
    """Say whether a message wants the work to go on."""
    return _says("go on", text)
