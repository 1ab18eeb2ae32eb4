"""Tells the domain of a company from those at which anybody gets an address."""

# The providers with the most users; a list is never complete, and nothing that must be safe depends on it.
PUBLIC_PROVIDERS = frozenset(
    """
    126.com 163.com aol.com att.net bellsouth.net bigpond.com bluewin.ch bol.com.br btinternet.com charter.net
    comcast.net cox.net daum.net duck.com earthlink.net email.com fastmail.com fastmail.fm foxmail.com free.fr
    freenet.de gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net googlemail.com hanmail.net hey.com hotmail.co.uk
    hotmail.com hotmail.de hotmail.es hotmail.fr hotmail.it hushmail.com icloud.com ig.com.br inbox.com interia.pl
    juno.com laposte.net libero.it live.ca live.co.uk live.com live.fr live.nl mac.com mail.com mail.ru me.com msn.com
    naver.com nate.com o2.pl onet.pl optonline.net orange.fr outlook.com outlook.de outlook.es outlook.fr outlook.jp
    pm.me posteo.de proton.me protonmail.ch protonmail.com qq.com rambler.ru rediffmail.com rocketmail.com
    sbcglobal.net seznam.cz sfr.fr sina.com skynet.be sky.com sohu.com t-online.de telenet.be terra.com.br tiscali.it
    tuta.com tuta.io tutanota.com uol.com.br verizon.net virgilio.it virginmedia.com wanadoo.fr web.de wp.pl yahoo.ca
    yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.br yahoo.de yahoo.es yahoo.fr yahoo.it yandex.com
    yandex.ru yeah.net ymail.com zoho.com zohomail.com
    """.split()  # noqa: SIM905
)


def company_domain(email: str) -> str | None:
    """`ines@Ollier.example` → `ollier.example`; None for an address of a public provider, or none at all."""
    _, at, domain = email.strip().lower().rpartition("@")
    return domain if at and "." in domain and domain not in PUBLIC_PROVIDERS else None
