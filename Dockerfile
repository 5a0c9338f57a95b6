# The labels are OCI annotations. A build tells its commit with --build-arg REVISION="$(git rev-parse HEAD)".
ARG VERSION=2.0.0
ARG REVISION=

FROM maven:3.9-eclipse-temurin-25 AS build
WORKDIR /build
COPY . .
# Tests and checks are left to "mvn verify". The class path must lie open for an AOT cache, and in layers of its own
# what seldom changes is seldom shipped.
RUN --mount=type=cache,target=/root/.m2 \
    bash docker/commit.sh >greeter-cli/src/main/resources/git.properties \
    && mvn -B -q -P 'aot,!error-prone' -Dmaven.gitcommitid.skip -Dspotless.check.skip -Dmaven.test.skip package \
    && java -Djarmode=tools -jar greeter-service/target/greeter-service.jar extract --layers --destination /layers/greeter-service \
    && java -Djarmode=tools -jar greeter-cli/target/greeter-cli.jar extract --layers --destination /layers/greeter-cli
# Netty's library for Linux's event loops would otherwise be unpacked at each start, into a directory that can be written to.
RUN cd /layers/greeter-service/dependencies \
    && jar -xf lib/grpc-netty-shaded-*.jar META-INF/native \
    && mkdir native && mv META-INF/native/*transport_native_epoll* native && rm -r META-INF


FROM eclipse-temurin:25-jre AS service-files
WORKDIR /opt/greeter-service
COPY --from=build /layers/greeter-service/dependencies ./
COPY docker/service.options java.options
COPY docker/probe.options ./
COPY --from=build /layers/greeter-service/application ./

FROM eclipse-temurin:25-jre AS cli-files
WORKDIR /opt/greeter-cli
COPY --from=build /layers/greeter-cli/dependencies ./
COPY docker/cli.options java.options
COPY --from=build /layers/greeter-cli/application ./


# A cache names the files of its class path with size and date: it is made where they will lie, and by the same JVM.
FROM service-files AS training
COPY --from=cli-files /opt/greeter-cli /opt/greeter-cli
COPY docker/train.sh /
USER 10001:10001
RUN --network=none mkdir /tmp/caches && bash /train.sh /tmp/caches


FROM service-files AS greeter-service
COPY --from=training --chown=0:0 --chmod=444 /tmp/caches/health-probe.aot /tmp/caches/greeter-service.aot ./
USER 10001:10001
EXPOSE 50051
# A probe takes 0.4 s of CPU time, which is less than 3 % of a core. While the service starts it is asked every second.
HEALTHCHECK --interval=15s --timeout=5s --retries=2 --start-period=30s --start-interval=1s \
    CMD ["java", "@/opt/greeter-service/probe.options", "-XX:AOTCache=/opt/greeter-service/health-probe.aot", \
         "-cp", "/opt/greeter-service/greeter-service.jar", "dev.greeter.service.health.HealthProbe"]
ARG VERSION
ARG REVISION
LABEL org.opencontainers.image.title="Greeter service" org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" org.opencontainers.image.licenses="Apache-2.0"
ENTRYPOINT ["java", "@/opt/greeter-service/java.options", "-XX:AOTCache=/opt/greeter-service/greeter-service.aot", \
            "-jar", "/opt/greeter-service/greeter-service.jar"]


FROM cli-files AS greeter-cli
COPY --from=training --chown=0:0 --chmod=444 /tmp/caches/greeter-cli.aot ./
USER 10001:10001
ARG VERSION
ARG REVISION
LABEL org.opencontainers.image.title="Greeter client" org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" org.opencontainers.image.licenses="Apache-2.0"
ENTRYPOINT ["java", "@/opt/greeter-cli/java.options", "-XX:AOTCache=/opt/greeter-cli/greeter-cli.aot", \
            "-jar", "/opt/greeter-cli/greeter-cli.jar"]
