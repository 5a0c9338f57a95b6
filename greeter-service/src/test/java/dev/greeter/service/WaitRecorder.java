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
import org.jspecify.annotations.Nullable;

/**
 * Records the threads that handled calls, and those that waited meanwhile: parked, in a queue or
 * asleep, or for a monitor that another thread held. The JVM counts these per thread.
 */
final class WaitRecorder implements ServerInterceptor {

  private final List<String> threads = new CopyOnWriteArrayList<>();
  private final List<String> waits = new CopyOnWriteArrayList<>();
  private final List<String> contentions = new CopyOnWriteArrayList<>();

  /** Returns the thread name of each event. */
  public List<String> threads() {
    return threads;
  }

  /** Returns the events in which the thread waited, with the number of waits. */
  public List<String> waits() {
    return waits;
  }

  /** Returns the events in which the thread entered a monitor that another one held. */
  public List<String> contentions() {
    return contentions;
  }

  /** Forgets all events. */
  public void clear() {
    threads.clear();
    waits.clear();
    contentions.clear();
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
    ThreadInfo before = thisThread();
    T result = handler.get();
    ThreadInfo after = thisThread();
    // The JVM has no such counts for virtual threads.
    if (before != null && after != null) {
      record(waits, event, after.getWaitedCount() - before.getWaitedCount());
      record(contentions, event, after.getBlockedCount() - before.getBlockedCount());
    }
    return result;
  }

  private static void record(List<String> events, String event, long times) {
    if (times > 0) {
      events.add(event + ": " + times);
    }
  }

  private static @Nullable ThreadInfo thisThread() {
    return ManagementFactory.getThreadMXBean().getThreadInfo(Thread.currentThread().getId());
  }
}
