"""A mail server for journeys: Debian's aiosmtpd. It writes each message into a file of the folder that it is given, and prints
the port that it listens on. It ends when its standard input does."""

import asyncio
import itertools
import os
import sys

from aiosmtpd.smtp import SMTP


class Mailbox:
    """Keeps what arrives, in order. An address that begins with `bounces` is refused for good."""

    def __init__(self, folder):
        self.folder = folder
        self.numbers = itertools.count(1)

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address.startswith("bounces"):
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        name = os.path.join(self.folder, f"{next(self.numbers)}.eml")
        with open(name + ".part", "wb") as file:
            file.write(envelope.content)
        # Complete as soon as it is there.
        os.rename(name + ".part", name)
        return "250 Taken"


async def serve():
    loop = asyncio.get_running_loop()
    mailbox = Mailbox(sys.argv[1])
    server = await loop.create_server(lambda: SMTP(mailbox, hostname="mail.example.com"), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(serve())
