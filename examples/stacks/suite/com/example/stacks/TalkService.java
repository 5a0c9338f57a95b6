package com.example.stacks;

import com.google.protobuf.StringValue;
import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;

/** Echoes messages. It has no generated code, which would require one version of protobuf. */
public class TalkService implements BindableService {

  static final String NAME = "stacks.v1.Talk";

  /** Echoes one message; some words make it fail. */
  static final MethodDescriptor<StringValue, StringValue> SAY = method("Say", MethodType.UNARY);

  /** Echoes messages until the client ends; sends more by itself after {@code push}. */
  static final MethodDescriptor<StringValue, StringValue> TALK =
      method("Talk", MethodType.BIDI_STREAMING);

  /** Ends before any message, as when an interceptor refuses a call. */
  static final MethodDescriptor<StringValue, StringValue> LEAVE = method("Leave", MethodType.UNARY);

  static final Metadata.Key<String> TRAILER =
      Metadata.Key.of("talk-trailer", Metadata.ASCII_STRING_MARSHALLER);

  private static final int PUSHED = 15;
  private static final int BETWEEN_PUSHED_MILLIS = 200;

  private static MethodDescriptor<StringValue, StringValue> method(String name, MethodType type) {
    var marshaller = ProtoUtils.marshaller(StringValue.getDefaultInstance());
    return MethodDescriptor.newBuilder(marshaller, marshaller)
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(NAME, name))
        .build();
  }

  @Override
  public ServerServiceDefinition bindService() {
    return ServerServiceDefinition.builder(NAME)
        .addMethod(SAY, ServerCalls.asyncUnaryCall(TalkService::say))
        .addMethod(TALK, ServerCalls.asyncBidiStreamingCall(TalkService::talk))
        .addMethod(
            LEAVE,
            (call, headers) -> {
              call.close(Status.NOT_FOUND, new Metadata());
              return new ServerCall.Listener<>() {};
            })
        .build();
  }

  private static void say(StringValue said, StreamObserver<StringValue> client) {
    switch (said.getValue()) {
      case "status" -> {
        var trailers = new Metadata();
        trailers.put(TRAILER, "kept");
        client.onError(
            Status.DATA_LOSS
                .withDescription("half of it is gone")
                .withCause(new IllegalArgumentException("password"))
                .asRuntimeException(trailers));
      }
      case "thrown status" -> throw Status.NOT_FOUND.withDescription("thrown").asRuntimeException();
      case "exception" -> throw new IllegalArgumentException("password");
      default -> {
        client.onNext(said);
        client.onCompleted();
      }
    }
  }

  private static StreamObserver<StringValue> talk(StreamObserver<StringValue> client) {
    return new StreamObserver<>() {
      @Override
      public void onNext(StringValue said) {
        client.onNext(said);
        if (said.getValue().equals("push")) {
          new Thread(() -> push(client)).start();
        }
      }

      @Override
      public void onError(Throwable failure) {}

      @Override
      public void onCompleted() {
        client.onCompleted();
      }
    };
  }

  private static void push(StreamObserver<StringValue> client) {
    try {
      for (int i = 1; i < PUSHED; i++) {
        Thread.sleep(BETWEEN_PUSHED_MILLIS);
        client.onNext(StringValue.of("push"));
      }
      client.onCompleted();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The number of answers to {@code push}. */
  static int pushed() {
    return PUSHED;
  }
}
