"""Stand-ins for WeCom, the WeChat official account and the AI bot, as nasty as the real ones.

Written from the platforms' documentation and independently of ``bot.channels``; the
cryptography is wechatpy's, so that ours is checked by another's. Nothing here is run by the
product; ``wence simulate`` and ``make soak`` use it where the development tools are installed.
"""
