"""What can go wrong with a webhook."""

from rapport.base.errors import BadUserInput, InvalidValue, NotFound


class WebhookNotFound(NotFound):
    """Webhook not found"""

    sub_code = "WEBHOOK_NOT_FOUND"


class DeliveryNotFound(NotFound):
    """Delivery not found"""

    sub_code = "WEBHOOK_DELIVERY_NOT_FOUND"


class InvalidTarget(InvalidValue):
    """The targetUrl of a webhook is an address such as https://example.com/hook, without a user, a password or a #."""


class InvalidOperation(InvalidValue):
    """The operations of a webhook are events such as person.created, person.*, *.created or *.*."""


class TooManyWebhooks(BadUserInput):
    """This workspace has as many webhooks as there may be."""

    sub_code = "TOO_MANY_WEBHOOKS"


class SecretUnreadable(BadUserInput):
    """The secret of this webhook cannot be read: the server's app secret is not the one it was sealed with."""

    sub_code = "WEBHOOK_SECRET_UNREADABLE"
    friendly = "The secret of this webhook cannot be read any more. Give it another one."
