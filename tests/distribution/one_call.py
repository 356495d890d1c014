"""Makes a call in an environment without extras; nothing is sent."""

from uuid import uuid4

import httpx

from playbook3d_client import PlaybookClient


def answer(request: httpx.Request) -> httpx.Response:
    """The reply to a request with both credentials."""
    accepted = request.headers["authorization"] == "Bearer T" and request.headers["x-api-key"] == "K"
    return httpx.Response(200 if accepted else 401, json={"message": "done"})


with httpx.Client(transport=httpx.MockTransport(answer)) as http:
    client = PlaybookClient(api_key="K", token="T", base_url="http://nowhere.invalid", http_client=http)
    print(client.workflows.cancel_run(uuid4(), uuid4()).message)
