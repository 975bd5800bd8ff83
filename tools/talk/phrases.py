"""What people say in a word or two: yes, no, stop, go on; in several languages."""

import re

from tools.text import folded

GREETING = (
    "Hello! Say in a sentence or two what the model should do, such as 'Sort support mails into"
    " refund, delivery and other'. Examples help, one a line: text -> answer."
)
_GREETINGS = re.compile(
    r"(?:hi|hello|hey|hallo|guten (?:tag|morgen|abend)|moin|servus|grüezi|bonjour|salut|hola|ciao|"
    r"buongiorno|olá|ola|hej|hei|cześć|ahoj|good (?:morning|day|evening|afternoon)|help|hilfe|"
    r"aide|ayuda|what can you do|was kannst du|who are you|/?help)(?: there| zusammen)?[\s!.,?]*"
)
_YES = re.compile(
    r"(?:(?:y|yes|yeah|yep|yup|sure|ok|okay|okey|correct|right|exactly|perfect|great|good|fine|agreed|"
    r"approved?|go|go ahead|do it|start|begin|please do|sounds good|looks good|lgtm|that'?s right|"
    r"ja|jawohl|jep|genau|richtig|stimmt|passt|gut|einverstanden|in ordnung|los|mach das|klar|gerne|"
    r"oui|d'accord|c'est (?:bon|ça)|exact|parfait|vas-y|allez-y|bien sûr|"
    r"s[ií]|claro|vale|de acuerdo|correcto|exacto|adelante|perfecto|"
    r"sì|va bene|d'accordo|esatto|certo|perfetto|giusto|"
    r"sim|certo|isso|está bem|pode ser|perfeito|"
    r"ja hoor|prima|akkoord|klopt|goed|graag|jazeker|"
    r"tak|dobrze|zgoda|jasne|ano|dobře|souhlasím|jo|jasně|áno|dobre|"
    r"kyllä|joo|juu|igen|jó|rendben|da|sigur|bine|u redu|može|vâng|evet|tamam|"
    r"да|конечно|хорошо|согласен|верно|так|добре|ναι|εντάξει|はい|うん|そうです|了解|是|是的|好|好的|对|네|예)"
    r"(?:[\s,!.;:👍✓-]+|$))+(?:please|bitte|that'?s (?:right|it|correct)|it is|the way|thanks?|danke|"
    r"merci|gracias|grazie|obrigad[oa])?[\s,!.]*"
)
_THUMBS = re.compile(r"[👍👌✅✓✔🏻🏼🏽🏾🏿\ufe0f\s]+")
_NO = re.compile(
    r"(?:(?:n|no|nope|nah|never|wrong|not (?:like )?(?:this|that|right)|incorrect|don'?t|"
    r"nein|nee|nö|falsch|nicht so|lieber nicht|non|faux|pas (?:ça|comme ça)|incorrecto|mal|"
    r"não|errado|sbagliato|nee hoor|nie|ne|ei|nem|nu|nej|nei|hayır|"
    r"нет|ні|όχι|いいえ|違います|不|不是|不对|아니요)(?:[\s,!.;:]+|$))+(?:please|thanks?|danke|bitte)?[\s,!.]*"
)
_STOP_ROUND = re.compile(
    r"\b(?:stop|finish|end|halt|aufhören|hör auf|arrête|para|ferma|stopp?)\b.*"
    r"\b(?:round|runde|ronda|tour|giro|ronde)\b|\bnach dieser runde\b|\bafter (?:this|the) round\b"
)
_STOP_NOW = re.compile(
    r"(?:please |bitte )?(?:stop|pause|halt|abort|cancel|interrupt|wait|stopp|anhalten|pausiere?n?|abbrechen|"
    r"unterbrechen|hör auf|arrête|arrêter|stop tout|para|parar|detente|ferma|fermati|pare|"
    r"стоп|остановись)(?: (?:it|that|now|please|everything|the run|jetzt|sofort|bitte|maintenant|"
    r"ahora|adesso|agora|right now|immediately))*[\s!.]*"
)
_GO_ON = re.compile(
    r"(?:please |bitte )?(?:go on|continue|resume|carry on|keep going|proceed|weiter(?:machen)?|"
    r"mach weiter|fortsetzen|fahre? fort|continuer?|continue[zr]?|poursui(?:s|vez)|continúa|continua|sigue|"
    r"seguir|vai avanti|prosegui|ga (?:door|verder)|kontynuuj|продолжай)(?: (?:please|bitte|now|jetzt))?[\s!.]*"
)


def plain(text: str) -> str:
    """Return a message as these rules compare it."""
    return folded(text).replace("’", "'").strip()


def is_greeting(text: str) -> bool:
    """Say whether a message only greets, or asks what there is to be done here."""
    return _GREETINGS.fullmatch(plain(text)) is not None


def says_yes(text: str) -> bool:
    """Say whether a message agrees and says nothing else."""
    return bool(_YES.fullmatch(plain(text)) or (text.strip() and _THUMBS.fullmatch(text.strip())))


def says_no(text: str) -> bool:
    """Say whether a message declines and says nothing else."""
    return _NO.fullmatch(plain(text)) is not None


def says_stop(text: str) -> str | None:
    """Return `stop round` or `stop now` where a message says so."""
    said = plain(text)
    if _STOP_ROUND.search(said):
        return "stop round"
    return "stop now" if _STOP_NOW.fullmatch(said) else None


def says_go_on(text: str) -> bool:
    """Say whether a message wants the work to go on."""
    return _GO_ON.fullmatch(plain(text)) is not None
