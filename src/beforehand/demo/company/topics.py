"""What contacts are about: topics, the cause that each has, the kinds of needs, the channels."""

import numpy as np

CHANNELS = ["email", "chat", "phone", "social", "store"]
CONTACT_NAMES = [
    "Email Received",
    "Chat Started",
    "Phone Call Received",
    "Social Message Received",
    "Store Question Asked",
]
ANSWER_NAMES = ["Email Sent", "Chat Answered", "Phone Call Answered", "Social Reply Sent", "Store Question Answered"]
CAUSES_OF_CONTACT = ["value", "information", "failure", "chase", "rights"]
TOPIC_CAUSES = {
    "address": "value",
    "product": "value",
    "stock": "value",
    "plan": "value",
    "thanks": "value",
    "when": "information",
    "receipt": "information",
    "use": "information",
    "return": "information",
    "refund_when": "information",
    "setup_help": "information",
    "invoice_what": "information",
    "renewal": "information",
    "late": "failure",
    "missed": "failure",
    "parts": "failure",
    "payment": "failure",
    "invoice": "failure",
    "refund": "failure",
    "sync": "failure",
    "access": "failure",
    "chase": "chase",
    "rights": "rights",
}
TOPICS = list(TOPIC_CAUSES)
CAUSE_OF = np.array([CAUSES_OF_CONTACT.index(cause) for cause in TOPIC_CAUSES.values()], dtype=np.int8)
KINDS = [
    "receive-my-order",
    "return-it",
    "get-my-money-back",
    "find-the-right-product",
    "complete-a-purchase",
    "get-set-up",
    "connect-another-tool",
    "switch-from-the-old-one",
    "understand-an-invoice",
    "change-or-cancel",
    "renew",
    "get-access-back",
    "unknown",
]
