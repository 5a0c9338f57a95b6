package dev.greeter.service;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * Remembers the threads on which calls were handled, and which of them had to wait meanwhile: for a
 * lock, in a queue, asleep. The JVM counts that for each thread.
 */
final class WaitRecorder implements ServerInterceptor {

  private final List<String> threads = new CopyOnWriteArrayList<>();
  private final List<String> waits = new CopyOnWriteArrayList<>();

  /** Returns the name of the thread of each event. */
  public List<String> threads() {
    return threads;
  }

  /** Returns the events in which the thread has waited, and how often. */
  public List<String> waits() {
    return waits;
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    String method = call.getMethodDescriptor().getFullMethodName();
    var listener = watch(method + " start", () -> next.startCall(call, headers));
    return new SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onMessage(ReqT message) {
        watch(method + " message", () -> super.onMessage(message));
      }

      @Override
      public void onHalfClose() {
        watch(method + " half-close", super::onHalfClose);
      }

      @Override
      public void onReady() {
        watch(method + " ready", super::onReady);
      }

      @Override
      public void onComplete() {
        watch(method + " complete", super::onComplete);
      }
    };
  }

  private void watch(String event, Runnable handler) {
    watch(
        event,
        () -> {
          handler.run();
          return event;
        });
  }

  private <T> T watch(String event, Supplier<T> handler) {
    threads.add(Thread.currentThread().getName());
    long before = waitsOfThisThread();
    T result = handler.get();
    long waited = waitsOfThisThread() - before;
    if (waited > 0) {
      waits.add(event + ": " + waited);
    }
    return result;
  }

  private static long waitsOfThisThread() {
    ThreadInfo thread =
        ManagementFactory.getThreadMXBean().getThreadInfo(Thread.currentThread().getId());
    // The JVM has no such counts of virtual threads.
    return thread == null ? 0 : thread.getWaitedCount() + thread.getBlockedCount();
  }
}
