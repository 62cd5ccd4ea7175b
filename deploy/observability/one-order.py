#!/usr/bin/env python3
"""Places an order in a running shop and prints what became of it: the spans of its trace, and all meters of the shop.

Usage: one-order.py SHOP_URL DASHBOARD_LOGIN_URL
  such as: one-order.py http://localhost:8080 'http://localhost:18888/login?t=…'
"""
import http.cookiejar
import json
import sys
import time
import urllib.parse
import urllib.request
import uuid

if len(sys.argv) != 3:
    sys.exit(__doc__)
shop, login = sys.argv[1].rstrip("/"), sys.argv[2]
dashboard = login.split("/login")[0]
browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
browser.open(login).close()


def ask(path):
    return json.load(browser.open(dashboard + path))


sku = next(item["sku"] for item in json.load(urllib.request.urlopen(f"{shop}/api/v1/products?pageSize=50"))["items"] if item["available"] > 10)
order = json.load(urllib.request.urlopen(urllib.request.Request(
    f"{shop}/api/v1/orders",
    json.dumps({
        "email": "demo@example.com", "items": [{"sku": sku, "quantity": 1}],
        "shippingAddress": {"name": "Demo", "line1": "Street 1", "postalCode": "1", "city": "Town", "country": "DE"},
        "payment": {"method": "card", "token": "tok_visa"},
    }).encode(),
    {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())})))
# Spans are sent every second, meters every two.
time.sleep(5)
found = [trace for trace in ask("/api/traces?" + urllib.parse.urlencode({"text": order["orderId"]}))["items"] if "POST" in trace["name"]]
if not found:
    sys.exit(f"The trace of order {order['number']} was not sampled; try again.")

trace = ask(f"/api/traces/{found[0]['traceId']}")
print(f"Order {order['number']}, trace {trace['traceId']}, {trace['durationMs']:.1f} ms, {len(trace['spans'])} spans\n")
known = {span["spanId"] for span in trace["spans"]}


def show(parent, depth):
    for span in trace["spans"]:
        if (span["parentId"] if span["parentId"] in known else None) == parent:
            attributes = dict(span["attributes"])
            peer = next((attributes[key] for key in ("db.system.name", "messaging.system", "peer.service") if key in attributes), None)
            print(f"{span['offsetMs']:8.1f} ms {span['durationMs']:8.2f} ms  {'  ' * depth}{span['resource']}{' → ' + peer if peer else ''}: {span['name']}  ({span['scope']})")
            show(span["spanId"], depth + 1)


show(None, 0)
print("\nMeters")
for resource in ask("/api/metrics"):
    for meter in resource["meters"]:
        for instrument in meter["instruments"]:
            print(f"  {resource['resource']:12} {meter['name']:38} {instrument['name']:46} {instrument['kind']:9} {instrument['unit']}")
