#!/usr/bin/env bash
# Shows that alerts fire: starts the shop and Prometheus, orders all the while, lets the worker hang (SIGSTOP), and waits for
# ShopWorkerGone (after a minute) and ShopOrdersNotSettled (after seven: the last settled orders have to be five minutes
# old, and two more must pass), then lets the worker go on and waits until both are over. Everything it starts it ends.
# Needs .NET's SDK, curl, python3 and prometheus on PATH (Debian: apt-get install prometheus). Takes some ten minutes:
# the rules are the real ones, and wait as long as they say.
set -euo pipefail
cd "$(dirname "$0")/../.."
for program in prometheus curl python3; do
    command -v "$program" >/dev/null || {
        echo "$program is not installed: install it (Debian: apt-get install $program), then start again." >&2
        exit 1
    }
done

work=$(mktemp -d)
web=28080 api=28081 dashboard=28090 prometheus=29090 web_metrics=28464 api_metrics=28465 worker_metrics=28466
started=()
worker=
cleanup() {
    [ -z "$worker" ] || kill -CONT "$worker" 2>/dev/null || true
    for id in "${started[@]}"; do kill "$id" 2>/dev/null || true; done
    for id in "${started[@]}"; do wait "$id" 2>/dev/null || true; done
    rm -rf "$work"
}
trap cleanup EXIT

echo "Starting the shop …"
dotnet build Shop.AppHost -v quiet >"$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
# The program itself, so that it gets the signal that ends it.
SHOP_DATA="$work/data" DOTNET_ENVIRONMENT=Development Shop.AppHost/bin/Debug/net10.0/Shop.AppHost \
    --Ports:webfrontend=$web --Ports:apiservice=$api --RateLimiting:Enabled=false \
    --Ports:dashboard=$dashboard --ManagementPorts:webfrontend=$web_metrics --ManagementPorts:apiservice=$api_metrics \
    --ManagementPorts:worker=$worker_metrics >"$work/shop.log" 2>&1 &
started+=($!)

# until_true SECONDS WHAT COMMAND…
until_true() {
    local end=$((SECONDS + $1)) what=$2
    shift 2
    until "$@"; do
        kill -0 "${started[0]}" 2>/dev/null || { cat "$work/shop.log"; echo "The shop has ended." >&2; exit 1; }
        [ $SECONDS -lt $end ] || { echo "In vain waited until $what." >&2; exit 1; }
        sleep 1
    done
}
until_true 300 "all is up" grep -qs "All is up" "$work/shop.log"

worker=$(pgrep -f "^$PWD/Shop.Worker/bin/Debug/net10.0/Shop.Worker$" | head -n 1)
cat >"$work/prometheus.yml" <<YAML
global: { scrape_interval: 2s, scrape_timeout: 1s, evaluation_interval: 2s }
rule_files: ['$PWD/deploy/observability/rules/shop.rules.yml']
scrape_configs:
  - { job_name: webfrontend, static_configs: [{ targets: ['127.0.0.1:$web_metrics'] }] }
  - { job_name: apiservice, static_configs: [{ targets: ['127.0.0.1:$api_metrics'] }] }
  - { job_name: worker, static_configs: [{ targets: ['127.0.0.1:$worker_metrics'] }] }
YAML
echo "Starting Prometheus …"
prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/tsdb" \
    --web.listen-address="127.0.0.1:$prometheus" >"$work/prometheus.log" 2>&1 &
started+=($!)
until_true 30 "Prometheus is ready" curl -sf -o /dev/null "http://127.0.0.1:$prometheus/-/ready"

python3 - "http://localhost:$web" <<'PYTHON' &
import json, sys, time, urllib.request, uuid
shop = sys.argv[1]
skus = [item["sku"] for item in json.load(urllib.request.urlopen(f"{shop}/api/v1/products?pageSize=50"))["items"] if item["available"] > 50]
number = 0
while True:
    order = {"email": "demo@example.com", "items": [{"sku": skus[number % len(skus)], "quantity": 1}],
             "shippingAddress": {"name": "Demo", "line1": "Street 1", "postalCode": "1", "city": "Town", "country": "DE"},
             "payment": {"method": "card", "token": "tok_visa"}}
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
    request = urllib.request.Request(f"{shop}/api/v1/orders", json.dumps(order).encode(), headers)
    try:
        urllib.request.urlopen(request).close()
    except urllib.error.HTTPError as refused:
        if refused.code != 409:  # sold out
            print("An order was answered with", refused.code, flush=True)
    number += 1
    time.sleep(0.2)
PYTHON
started+=($!)

first='import json, sys; result = json.load(sys.stdin)["data"]["result"]; print(result[0]["value"][1] if result else "none")'
query() { curl -sf -G "http://127.0.0.1:$prometheus/api/v1/query" --data-urlencode "query=$1" | python3 -c "$first"; }
alerts() { curl -sf "http://127.0.0.1:$prometheus/api/v1/alerts" | python3 -c "
import json, sys
for alert in sorted(json.load(sys.stdin)['data']['alerts'], key=lambda alert: alert['labels']['alertname']):
    print(alert['state'], alert['labels']['alertname'])"; }

# Both fail when Prometheus doesn't answer.
fires() { local now; now=$(alerts) && grep -q "^firing $1\$" <<<"$now"; }
is_over() { local now; now=$(alerts) && ! grep -q " $1\$" <<<"$now"; }
orders_are_settled() { [[ $(query 'sum(up) == 3 and sum(increase(shop_orders_confirmed_total[1m])) > 10') =~ ^[0-9] ]]; }

until_true 120 "three services are scraped and orders are confirmed" orders_are_settled
echo "Scraped: $(query 'sum(up)') services, $(query 'sum(shop_orders_accepted_total)') orders accepted," \
    "$(query 'sum(shop_orders_confirmed_total)') confirmed."
echo "Alerts before: $(alerts | tr '\n' ';')"

# Waits until both alerts are so: seconds, what is asked, how it reads.
both() {
    local since=$SECONDS name
    for name in ShopWorkerGone ShopOrdersNotSettled; do
        until_true "$1" "$name $3" "$2" $name
        echo "$name $3 after $((SECONDS - since)) s."
    done
}

echo "The worker hangs …"
kill -STOP "$worker"
both 600 fires fires
echo "Alerts now: $(alerts | tr '\n' ';')"
echo "The worker goes on …"
kill -CONT "$worker"
both 300 is_over "is over"
echo "$(query 'sum(shop_orders_accepted_total)') orders accepted, $(query 'sum(shop_orders_confirmed_total)') confirmed."
