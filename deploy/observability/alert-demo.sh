#!/usr/bin/env bash
# Shows that an alert fires: starts the shop and Prometheus, orders all the while, stops the worker, and waits for
# ShopWorkerGone and ShopOrdersNotSettled. Everything it starts it ends. Needs .NET's SDK, and prometheus on PATH
# (Debian: apt-get install prometheus). Takes some five minutes; rules wait as long as they say.
set -euo pipefail
cd "$(dirname "$0")/../.."
for program in prometheus curl python3; do
    command -v "$program" >/dev/null || { echo "$program is not installed: install it (Debian: apt-get install $program), then start again." >&2; exit 1; }
done

work=$(mktemp -d)
token=$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')
web=28080 api=28081 dashboard=28090 prometheus=29090
started=()
cleanup() {
    for id in "${started[@]}"; do kill "$id" 2>/dev/null || true; done
    for id in "${started[@]}"; do wait "$id" 2>/dev/null || true; done
    rm -rf "$work"
}
trap cleanup EXIT

echo "Starting the shop …"
dotnet build Shop.AppHost -v quiet >"$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
SHOP_DATA="$work/data" dotnet run --no-build --project Shop.AppHost -- \
    --port webfrontend=$web apiservice=$api --Dashboard:Port=$dashboard --AppHost:BrowserToken="$token" >"$work/shop.log" 2>&1 &
started+=($!)
for _ in $(seq 300); do
    grep -q "All is up" "$work/shop.log" && break
    kill -0 "${started[0]}" 2>/dev/null || { cat "$work/shop.log"; exit 1; }
    sleep 1
done

ask() { curl -sf -b "$work/cookies" -c "$work/cookies" "$@"; }
ask -o /dev/null "http://localhost:$dashboard/login?t=$token"
# Each replica is scraped by its own address, which the dashboard knows.
targets() {
    ask "http://localhost:$dashboard/api/resources" | python3 -c "
import json, sys
for resource in json.load(sys.stdin):
    if resource['name'] == '$1':
        print(','.join('\'' + replica['url'].split('//')[1] + '\'' for replica in resource['replicas'] if replica['url']))"
}
cat >"$work/prometheus.yml" <<YAML
global: { scrape_interval: 2s, evaluation_interval: 2s }
rule_files: ['$PWD/deploy/observability/rules/shop.rules.yml']
scrape_configs:
  - { job_name: apiservice, static_configs: [{ targets: [$(targets apiservice)] }] }
  - { job_name: worker, static_configs: [{ targets: [$(targets worker)] }] }
  - { job_name: webfrontend, static_configs: [{ targets: [$(targets webfrontend)] }] }
YAML
echo "Starting Prometheus …"
prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/tsdb" --web.listen-address="127.0.0.1:$prometheus" >"$work/prometheus.log" 2>&1 &
started+=($!)

python3 - "http://localhost:$web" <<'PYTHON' &
import json, sys, time, urllib.request, uuid
shop = sys.argv[1]
skus = [item["sku"] for item in json.load(urllib.request.urlopen(f"{shop}/api/v1/products?pageSize=50"))["items"] if item["available"] > 50]
number = 0
while True:
    order = {"email": "demo@example.com", "items": [{"sku": skus[number % len(skus)], "quantity": 1}],
             "shippingAddress": {"name": "Demo", "line1": "Street 1", "postalCode": "1", "city": "Town", "country": "DE"},
             "payment": {"method": "card", "token": "tok_visa"}}
    request = urllib.request.Request(f"{shop}/api/v1/orders", json.dumps(order).encode(), {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())})
    try:
        urllib.request.urlopen(request).close()
    except urllib.error.HTTPError as refused:
        if refused.code != 409:
            raise
    number += 1
    time.sleep(0.2)
PYTHON
started+=($!)

query() { curl -sf -G "http://127.0.0.1:$prometheus/api/v1/query" --data-urlencode "query=$1" | python3 -c "import json, sys; result = json.load(sys.stdin)['data']['result']; print(result[0]['value'][1] if result else 'none')"; }
alerts() { curl -sf "http://127.0.0.1:$prometheus/api/v1/alerts" | python3 -c "
import json, sys
for alert in sorted(json.load(sys.stdin)['data']['alerts'], key=lambda alert: alert['labels']['alertname']):
    print(alert['state'], alert['labels']['alertname'])"; }

sleep 20
echo "Scraped: $(query 'sum(up)') services, $(query 'sum(shop_orders_accepted_total)') orders accepted, $(query 'sum(shop_orders_confirmed_total)') confirmed."
echo "Alerts before: $(alerts | tr '\n' ';')"
echo "Stopping the worker …"
ask -X POST "http://localhost:$dashboard/api/resources/worker/commands/stop"
stopped=$SECONDS
waiting="ShopWorkerGone ShopOrdersNotSettled"
while [ -n "$waiting" ] && [ $((SECONDS - stopped)) -lt 600 ]; do
    sleep 2
    for name in $waiting; do
        if alerts | grep -q "^firing $name$"; then
            echo "$name fires $((SECONDS - stopped)) s after the worker was stopped."
            waiting=$(echo "$waiting" | sed "s/\b$name\b//" | xargs)
        fi
    done
done
[ -z "$waiting" ] || { echo "Did not fire within 10 minutes: $waiting"; alerts; exit 1; }
echo "Starting the worker …"
ask -X POST "http://localhost:$dashboard/api/resources/worker/commands/start"
echo "Done."
