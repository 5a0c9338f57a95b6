package dev.greeter.service.soak;

import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import io.grpc.ClientCall;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.Status;
import java.net.InetSocketAddress;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A Chat that goes on for ever: says a name at each turn, unless the last one has no answer yet,
 * and is opened again when it has ended. What had no answer then is said again.
 */
final class Conversation {

  /** Turns, of about a second each, after which an answer is not to come any more. */
  private static final int PATIENCE = 30;

  private final NamedClient client;
  private final int number;
  private final Ledger ledger;
  private final IntPredicate isEnded;
  private @Nullable ClientCall<GreetingRequest, GreetingResponse> call;
  private String unanswered = "";
  private int turn;
  private int saidAt;
  private boolean closed;

  /**
   * Prepares a conversation.
   *
   * @param isEnded whether an event has just ended the replica on a port
   */
  Conversation(NamedClient client, int number, Ledger ledger, IntPredicate isEnded) {
    this.client = client;
    this.number = number;
    this.ledger = ledger;
    this.isEnded = isEnded;
  }

  /** Says the next name, or the one before if it was lost. */
  synchronized void turn() {
    turn++;
    if (closed || call == null && !client.isActive()) {
      return;
    }
    if (call == null) {
      open();
    } else if (unanswered.isEmpty()) {
      unanswered = client.name() + number + "-" + turn;
    } else if (turn - saidAt > PATIENCE) {
      call.cancel("No answer", null);
      return;
    } else {
      return;
    }
    say();
  }

  private void open() {
    if (unanswered.isEmpty()) {
      unanswered = client.name() + number + "-" + turn;
    }
    call = client.chat(number);
    call.start(new Listener(call), new Metadata());
    call.request(1);
  }

  private void say() {
    saidAt = turn;
    ledger.said.incrementAndGet();
    if (call != null) {
      call.sendMessage(GreetingRequest.newBuilder().setName(unanswered).build());
    }
  }

  /** Ends it, as a client does that has nothing more to say. */
  synchronized void close() {
    closed = true;
    if (call != null) {
      call.halfClose();
    }
  }

  private synchronized void answered(String greeting) {
    if (greeting.equals("Welcome, " + unanswered + "!")) {
      unanswered = "";
      ledger.welcomed.incrementAndGet();
    }
  }

  private synchronized void ended(int port, Status status) {
    call = null;
    if (closed) {
      return;
    }
    ledger.conversationEnded(status.getCode());
    if (!unanswered.isEmpty() && status.getCode() != Status.Code.UNAUTHENTICATED) {
      (isEnded.test(port) ? ledger.lostWithReplica : ledger.lost).incrementAndGet();
    }
  }

  private final class Listener extends ClientCall.Listener<GreetingResponse> {

    private final ClientCall<GreetingRequest, GreetingResponse> call;

    Listener(ClientCall<GreetingRequest, GreetingResponse> call) {
      this.call = call;
    }

    @Override
    public void onMessage(GreetingResponse answer) {
      answered(answer.getGreeting());
      call.request(1);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      Object peer = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
      ended(peer instanceof InetSocketAddress address ? address.getPort() : 0, status);
    }
  }
}
