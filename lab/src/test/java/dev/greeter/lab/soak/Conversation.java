package dev.greeter.lab.soak;

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
 * An endless Chat. It sends a name at each turn, unless the last one is still unanswered. It is
 * reopened when it ends, and unanswered names are sent again.
 */
final class Conversation extends ClientCall.Listener<GreetingResponse> {

  /** The number of turns, of about 1 s each, after which an answer counts as lost. */
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
   * @param isEnded returns whether an event has just ended the replica on a port
   */
  Conversation(NamedClient client, int number, Ledger ledger, IntPredicate isEnded) {
    this.client = client;
    this.number = number;
    this.ledger = ledger;
    this.isEnded = isEnded;
  }

  synchronized void turn() {
    turn++;
    if (closed || call == null && !client.active) {
      return;
    }
    if (call != null && !unanswered.isEmpty()) {
      if (turn - saidAt > PATIENCE) {
        call.cancel("No answer", null);
      }
      return;
    }
    if (unanswered.isEmpty()) {
      unanswered = client.name + number + "-" + turn;
    }
    if (call == null) {
      call = client.chat(number);
      call.start(this, new Metadata());
      call.request(1);
    }
    saidAt = turn;
    ledger.said.incrementAndGet();
    call.sendMessage(GreetingRequest.newBuilder().setName(unanswered).build());
  }

  synchronized void close() {
    closed = true;
    if (call != null) {
      call.halfClose();
    }
  }

  @Override
  public synchronized void onMessage(GreetingResponse answer) {
    if (answer.getGreeting().equals("Welcome, " + unanswered + "!")) {
      unanswered = "";
      ledger.welcomed.incrementAndGet();
    }
    if (call != null) {
      call.request(1);
    }
  }

  @Override
  public synchronized void onClose(Status status, Metadata trailers) {
    Object peer = call == null ? null : call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    call = null;
    if (closed) {
      return;
    }
    ledger.endings.merge(status.getCode(), 1, Integer::sum);
    if (!unanswered.isEmpty() && status.getCode() != Status.Code.UNAUTHENTICATED) {
      boolean expected = peer instanceof InetSocketAddress at && isEnded.test(at.getPort());
      (expected ? ledger.lostWithReplica : ledger.lost).incrementAndGet();
    }
  }
}
