/**
 * What stands between a gRPC service and its callers: who may call, how often, for how long, and
 * what is told of it. It knows grpc-java, and neither a framework nor a transport of it.
 *
 * <p>A server takes the whole of it, or the parts, which are ordinary interceptors:
 *
 * <pre>{@code
 * Secrets secrets = Secrets.inFile("quotes.secret-file", System.getenv("QUOTES_SECRET_FILE"));
 * Guard guard = new Guard(secrets, new RateLimit(200, 100, 10, 10_000));
 * Server server =
 *     guard.around(ServerBuilder.forPort(50051), new QuoteService()).build().start();
 * ...
 * guard.stop(server, Duration.ofSeconds(10));
 * }</pre>
 *
 * <p>And on the side of the client:
 *
 * <pre>{@code
 * channel.intercept(new AuthenticationClientInterceptor("authorization", secrets));
 * }</pre>
 *
 * <p>{@code auth} is the check and its mirror image, {@code limit} what callers may take, {@code
 * access} the log of calls, {@code file} how files are followed, {@code setting} what is said of
 * one that cannot be used; how failures end a call stands here.
 */
@NullMarked
package dev.greeter.guard;

import org.jspecify.annotations.NullMarked;
