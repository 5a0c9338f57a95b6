#!/bin/bash
# Writes the JDK's AOT caches into a directory: what the JVM learns while the real pair talks is there at the next
# start. A cache holds only for the class path, and for most of the options, that it was made with.
set -euo pipefail
caches=$1

service=(java @/opt/greeter-service/java.options -Xlog:disable)
service_main=(-jar /opt/greeter-service/greeter-service.jar)
probe=(java @/opt/greeter-service/probe.options)
probe_main=(-cp /opt/greeter-service/greeter-service.jar dev.greeter.service.health.HealthProbe)
greeter=(java @/opt/greeter-cli/java.options)
greeter_main=(-jar /opt/greeter-cli/greeter-cli.jar)

"${service[@]}" "-XX:AOTCacheOutput=$caches/greeter-service.aot" "${service_main[@]}" &
service_id=$!
until "${probe[@]}" "${probe_main[@]}" 2>/dev/null; do
  kill -0 "$service_id" # or the service has not started, and never will
  sleep 0.2
done
"${probe[@]}" "-XX:AOTCacheOutput=$caches/health-probe.aot" "${probe_main[@]}"

# The client learns from one command, the way that it is run most; the service from so many calls that it compiles what
# they need.
"${greeter[@]}" "-XX:AOTCacheOutput=$caches/greeter-cli.aot" "${greeter_main[@]}" greet Ada
calls() {
  for i in {1..3000}; do echo "greet Ada$i"; done
  echo chat Ada{1..1000}
}
calls | "${greeter[@]}" "${greeter_main[@]}" | tail -n 1

# The service writes its cache when it ends, which SIGTERM makes it do in good order: with 143.
kill "$service_id"
wait "$service_id" || [[ $? == 143 ]]
