"""The schemes that a channel's address may have."""

from typing import Final

# A web address of one's own.
_WEB: Final = frozenset("json jsons xml xmls form forms apprise apprises".split())
MAILS: Final = frozenset(
    "mailto mailtos azure o365 brevo mailersend mailgun postmark resend sendgrid sendpulse ses"
    " smtp2go sparkpost"
    .split()
)  # fmt: skip
# Texts on a phone: paid by the piece, and cut where they are long.
TEXT_MESSAGES: Final = frozenset(
    "sns twilio vonage nexmo msgbird plivo clickatell clicksend sinch bulksms burstsms d7sms"
    " infobip kavenegar telnyx seven 46elks elks atalk smseagle smseagles voipms freemobile"
    .split()
)  # fmt: skip
# Where no text calls people or is read as markup.
PLAIN: Final = _WEB | MAILS | TEXT_MESSAGES

# Services that are reached over a network and say whether they took a message: a removal must
# not be lost to one that cannot say so. Left out on purpose: what shows or writes something on
# this machine (dbus, gnome, glib, macosx, windows, growl, blink1, syslog), what answers nothing
# (rsyslog, irc, aprs, mqtt), screens and game boxes, and what needs a further package.
SCHEMES: Final = PLAIN | frozenset(
    # chats, and what is public
    "slack discord gchat workflow workflows webex wxteams mmost mmosts rocket rockets zulip"
    " matrix matrixs tgram signal signals threema whatsapp line viber ncloud nclouds nctalk"
    " nctalks synology synologys twist ryver flock revolt zoom cliq zcliq zohocliq ringc kook"
    " stackfield humhub humhubs feishu lark dingtalk wecombot wechat mastodon mastodons toot"
    " toots misskey misskeys bluesky bsky"
    # phones
    " ntfy ntfys gotify gotifys pover pbul prowl bark barks psafer psafers spush simplepush"
    " push pushy pushdeer pushdeers pushplus pushed onesignal hassio hassios ifttt notica"
    " noticas join chanify"
    # people on call, and their tickets
    " pagerduty opsgenie splunk victorops goalert goalerts betterstack ilert incidentio"
    " firehydrant pagertree signl4 squadcast xmatters jira github"
    .split()
)  # fmt: skip
