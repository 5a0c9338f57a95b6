package dev.greeter.service.benchmark;

import dev.greeter.api.GreetingResponse;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** So many calls, or messages, at a time; an answer that is not the expected one ends them all. */
final class Flight {

  private final int places;
  private final Semaphore free;
  private volatile @Nullable String failure;

  Flight(int places) {
    this.places = places;
    this.free = new Semaphore(places);
  }

  void takeOff() {
    await(1);
  }

  void awaitAll() {
    await(places);
  }

  /** Takes the answers of calls that are to end with one status. */
  StreamObserver<GreetingResponse> call(Code expected) {
    return new StreamObserver<>() {
      @Override
      public void onNext(GreetingResponse answer) {}

      @Override
      public void onError(Throwable failure) {
        land(Status.fromThrowable(failure));
      }

      @Override
      public void onCompleted() {
        land(Status.OK);
      }

      private void land(Status status) {
        if (status.getCode() == expected) {
          free.release();
        } else {
          fail(status);
        }
      }
    };
  }

  /** Takes the answers of one conversation. */
  StreamObserver<GreetingResponse> chat() {
    return new StreamObserver<>() {
      @Override
      public void onNext(GreetingResponse answer) {
        free.release();
      }

      @Override
      public void onError(Throwable failure) {
        fail(Status.fromThrowable(failure));
      }

      @Override
      public void onCompleted() {}
    };
  }

  private void fail(Status status) {
    failure = status.toString();
    free.release(2 * places);
  }

  private void await(int count) {
    free.acquireUninterruptibly(count);
    if (failure != null) {
      throw new IllegalStateException("A call has ended with " + failure);
    }
  }
}
