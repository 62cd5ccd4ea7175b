#!/usr/bin/env python3
"""Places an order in a running shop and prints what became of it: the spans of its trace, as the dashboard knows them.

Usage: one-order.py SHOP_URL DASHBOARD_LOGIN_URL
  such as: one-order.py http://localhost:8080 'http://localhost:18888/login?t=…'
"""
import json
import sys
import time
import urllib.parse
import urllib.request
import uuid

if len(sys.argv) != 3:
    sys.exit(__doc__)
shop, login = sys.argv[1].rstrip("/"), urllib.parse.urlparse(sys.argv[2])
dashboard = f"{login.scheme}://{login.netloc}"


def send(url, body=None, headers=None):
    data = None if body is None else json.dumps(body).encode()
    return json.load(urllib.request.urlopen(urllib.request.Request(url, data, {"Content-Type": "application/json", **(headers or {})})))


# Whoever may look at the dashboard may ask its API.
key = send(f"{dashboard}/api/telemetry/validateToken", {"token": urllib.parse.parse_qs(login.query)["t"][0]})["apiKey"]
sku = next(item["sku"] for item in send(f"{shop}/api/v1/products?pageSize=50")["items"] if item["available"] > 10)
order = send(f"{shop}/api/v1/orders", {
    "email": "demo@example.com", "items": [{"sku": sku, "quantity": 1}],
    "shippingAddress": {"name": "Demo", "line1": "Street 1", "postalCode": "12345", "city": "Town", "country": "DE"},
    "payment": {"method": "card", "token": "tok_visa"},
}, {"Idempotency-Key": str(uuid.uuid4())})


def ask(path):
    found = send(f"{dashboard}/api/telemetry/{path}", headers={"x-api-key": key or ""})
    for resource in found["data"]["resourceSpans"]:
        name = next((one["value"]["stringValue"] for one in resource["resource"]["attributes"] if one["key"] == "service.name"), "?")
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                attributes = {one["key"]: next(iter(one["value"].values()), "") for one in span.get("attributes", [])}
                yield {**span, "resource": name, "scope": scope["scope"]["name"], "attributes": attributes}


# Spans are sent every second or two.
trace = None
for _ in range(20):
    time.sleep(1)
    spans = list(ask("spans?" + urllib.parse.urlencode({"search": order["orderId"], "limit": 50})))
    trace = next((span["traceId"] for span in spans if span["scope"] == "Shop.Notifications" or "e-mail" in span["name"]), trace) or \
        next((span["traceId"] for span in spans), None)
    if trace and any("e-mail" in span["name"] for span in ask(f"traces/{trace}")):
        break
if not trace:
    sys.exit(f"The trace of order {order['number']} was not sampled; try again.")

spans = sorted(ask(f"traces/{trace}"), key=lambda span: int(span["startTimeUnixNano"]))
begin, end = int(spans[0]["startTimeUnixNano"]), max(int(span["endTimeUnixNano"]) for span in spans)
print(f"Order {order['number']}, trace {trace}, {(end - begin) / 1e6:.1f} ms, {len(spans)} spans\n")
known = {span["spanId"] for span in spans}


def show(parent, depth):
    for span in spans:
        if (span.get("parentSpanId") if span.get("parentSpanId") in known else None) == parent:
            start, length = int(span["startTimeUnixNano"]) - begin, int(span["endTimeUnixNano"]) - int(span["startTimeUnixNano"])
            peer = next((span["attributes"][name] for name in ("db.system.name", "messaging.system") if name in span["attributes"]), None)
            print(f"{start / 1e6:8.1f} ms {length / 1e6:8.2f} ms  {'  ' * depth}{span['resource']}{' → ' + peer if peer else ''}: {span['name']}")
            show(span["spanId"], depth + 1)


show(None, 0)
