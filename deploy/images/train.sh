#!/bin/bash
# Writes AOT caches of the JDK to a directory: what the JVM learns while the client calls the service is available at the
# next start. A cache is valid only for the class path, and most of the options, that it was created with.
set -euo pipefail
caches=$1

service=(java @/opt/greeter-service/java.options -Xlog:disable)
service_main=(-jar /opt/greeter-service/greeter-service.jar)
probe=(java @/opt/greeter-service/probe.options)
probe_main=(-cp /opt/greeter-service/greeter-service.jar dev.greeter.service.health.HealthProbe)
greeter=(java @/opt/greeter-cli/java.options -XX:+NeverActAsServerClassMachine)
greeter_main=(-jar /opt/greeter-cli/greeter-cli.jar)

"${service[@]}" "-XX:AOTCacheOutput=$caches/greeter-service.aot" "${service_main[@]}" &
service_id=$!
until "${probe[@]}" "${probe_main[@]}" 2>/dev/null; do
  kill -0 "$service_id" # fails if the service has ended
  sleep 0.2
done
"${probe[@]}" "-XX:AOTCacheOutput=$caches/health-probe.aot" "${probe_main[@]}"

# The client learns from one command, its most common use; the service from enough calls to compile the code that
# they need.
"${greeter[@]}" "-XX:AOTCacheOutput=$caches/greeter-cli.aot" "${greeter_main[@]}" greet Ada
calls() {
  for i in {1..3000}; do echo "greet Ada$i"; done
  echo chat Ada{1..1000}
}
calls | "${greeter[@]}" "${greeter_main[@]}" | tail -n 1

# The service writes its cache on exit. SIGTERM ends it in an orderly way, with exit code 143.
kill "$service_id"
wait "$service_id" || [[ $? == 143 ]]
