"""A mail server for tests: Debian's aiosmtpd. It prints the port that it listens on, and then what arrives: `mail` with the
recipient, or `password` if somebody signs in. With a certificate and its key it offers STARTTLS and takes nothing without. It
ends when its standard input does."""

import asyncio
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Mailbox:
    async def handle_DATA(self, server, session, envelope):
        print("mail", *envelope.rcpt_tos, flush=True)
        return "250 Taken"


def authenticator(server, session, envelope, mechanism, data):
    print("password", flush=True)
    return AuthResult(success=True)


def connection():
    context = None
    if len(sys.argv) == 3:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*sys.argv[1:])
    return SMTP(
        Mailbox(),
        hostname="mail.example.com",
        tls_context=context,
        require_starttls=context is not None,
        authenticator=authenticator,
        auth_require_tls=context is not None,
    )


async def serve():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(connection, "localhost", 0, family=2)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(serve())
