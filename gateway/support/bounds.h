// Every bound of the gateway: sizes, counts, times, queues, depths. Passing one gives a clear
// error.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace shikaku::bounds {

using namespace std::chrono_literals;

// HTTP
inline constexpr std::size_t kHeaderBytes = 8 * 1024;
inline constexpr std::size_t kHeaderFields = 64;
inline constexpr std::size_t kTargetBytes = 2 * 1024;
inline constexpr std::size_t kApiBodyBytes = 64 * 1024;
inline constexpr std::uint64_t kPublicationBodyBytes = 2ULL * 1024 * 1024 * 1024;
inline constexpr std::size_t kSchemePackBytes = 4 * 1024 * 1024;
inline constexpr std::size_t kBatchBodyBytes = 4 * 1024 * 1024;
inline constexpr std::size_t kBatchQuestions = 1000;
// Questions of one batch in flight at once: enough to share a commit of the log, few enough to stay
// in the processor's cache.
inline constexpr std::size_t kBatchWindow = 50;
// Lines of a batch, blank ones with them.
inline constexpr std::size_t kBatchLines = 4 * kBatchQuestions;
inline constexpr auto kHandshakeTime = 5s;
inline constexpr auto kHeaderTime = 10s;
inline constexpr auto kBodyTime = 30s;  // per API body; publications: per chunk
inline constexpr auto kIdleTime = 30s;
inline constexpr auto kWriteTime = 30s;
inline constexpr auto kDrainTime = 10s;  // SIGTERM: connections in flight

// Connections of a port. Where descriptors are few the bounds are smaller (descriptors.h).
inline constexpr std::size_t kConnections = 10'000;
inline constexpr std::size_t kConnectionsPerCertificate = 6'000;
inline constexpr std::size_t kConnectionsPerAddress = 8'000;  // IPv6: of a /64
inline constexpr std::size_t kHandshakes = 2'000;             // not finished
inline constexpr std::size_t kHandshakesPerAddress = 500;
inline constexpr std::size_t kConnectionsLeaving = 500;  // told to go, not gone
// Full TLS handshakes a minute, resumed ones aside; at once as many as may be open. A network is an
// IPv4 /24 or an IPv6 /56.
inline constexpr std::int64_t kFullHandshakesOfNetwork = 30'000;
inline constexpr std::int64_t kFullHandshakesOfClient = 3'000;
inline constexpr std::size_t kHandshakeBuckets = 65'536;  // networks and clients remembered
inline constexpr std::size_t kOpsConnections = 200;
inline constexpr std::size_t kDescriptorsKept = 256;  // files, databases, sources, the ops port
inline constexpr std::size_t kDescriptorsWanted = 65'536;
// Request bodies in memory at once; the last quarter is kept for those of one question.
inline constexpr std::size_t kBodiesBytes = 256 * 1024 * 1024;
inline constexpr std::size_t kBodiesBytesPerClient = 16 * 1024 * 1024;
// Response bodies kept for slow readers; one record's worth is not counted.
inline constexpr std::size_t kResponsesBytes = 256 * 1024 * 1024;
inline constexpr std::size_t kResponsesBytesPerClient = 32 * 1024 * 1024;
inline constexpr std::size_t kResponseUncounted = 16 * 1024;
inline constexpr auto kRefusalsToldEvery = 10s;  // in the process log, of each reason
inline constexpr auto kRefusalsRecent = 10s;     // how long /readyz tells that a port was full

// JSON
inline constexpr std::size_t kJsonDepth = 32;
inline constexpr std::size_t kJsonMembers = 1'000;   // of one object
inline constexpr std::size_t kJsonValues = 500'000;  // of one text

// Card tokens (docs/contract.md 2.2)
inline constexpr std::size_t kTokenBytes = 8 * 1024;
inline constexpr auto kTokenLife = 300s;
inline constexpr auto kProofAge = 24h;  // from the proof of presence to the token
inline constexpr auto kClockSkew = 30s;
inline constexpr auto kTokenRepeat = 60s;  // same request, same certificate, same answer
inline constexpr std::size_t kTokenIdMin = 16;
inline constexpr std::size_t kTokenIdMax = 64;
inline constexpr std::size_t kTokenSignatureBytes = 1024;  // RSA-8192
inline constexpr std::size_t kInsuranceTextBytes = 64;     // 記号, 番号, 枝番 each
inline constexpr auto kTokenMargin = 30s;  // used tokens are remembered so much longer
inline constexpr std::size_t kUsedTokens = 16'000'000;
inline constexpr auto kRepeatPoll = 20ms;  // waiting for the first answer to the same token

// Clocks
inline constexpr auto kClockStep = 30s;  // a wall clock that jumps further is not followed

// Questions
inline constexpr int kServiceDateYearsBack = 2;
inline constexpr int kServiceDateMonthsAhead = 3;
inline constexpr auto kQuestionTime = 3s;  // all sources together
inline constexpr std::size_t kAuthoritiesPerQuestion = 16;
inline constexpr std::size_t kEntitlementsPerAuthority = 32;
inline constexpr std::size_t kRecordsPerAuthority = 100;  // of another kind
inline constexpr std::size_t kPayersOnOneClaim = 4;
// Rows in the registry, with their history, that a question reads: beyond them the authority counts
// as not known for this person, the others as ever.
inline constexpr std::size_t kRowsPerPersonAndAuthority = 256;
inline constexpr std::size_t kRowsPerPerson = kAuthoritiesPerQuestion * kRowsPerPersonAndAuthority;

// Whose turn it is (api/rate_limits.h, domain/waiting_line.h)
inline constexpr std::size_t kClientsRemembered = 65'536;  // with what they have used up
inline constexpr std::int64_t kRatePerMinuteMax = 60'000'000;
inline constexpr std::int64_t kRateBurstMax = 10'000'000;
// Of one thread: questions begun and not answered, and those that wait for their turn.
inline constexpr std::size_t kQuestionsAtOnce = 4'096;
inline constexpr std::size_t kQuestionsAtOncePerClient = 1'024;
inline constexpr std::size_t kQuestionsWaiting = 16'384;
inline constexpr std::size_t kQuestionsWaitingPerClient = 4'096;
inline constexpr std::size_t kIdleClientsKept =
    1'024;                              // so that the next question allocates nothing
inline constexpr auto kTurnTime = 1ms;  // of questions, before others' bytes are read again
inline constexpr auto kQuestionsBlockedPoll = 10ms;  // while as many are begun as may be
inline constexpr auto kStandingAfter = 100ms;  // a line that was never empty so long is no burst
// How long a single question waits: in a line that stands, and in one that only has come at once.
inline constexpr auto kWalkInWaits = 60ms;
inline constexpr auto kScheduledWaits = 40ms;
inline constexpr auto kBulkWaits = 20ms;
inline constexpr auto kBurstWaits = 1s;
// An answer that sends a client away is held back so long, for it would come back at once.
inline constexpr auto kSentAwayHeldMin = 1s;
inline constexpr auto kSentAwayHeldMax = 3s;

// Sources
inline constexpr std::size_t kSourceBodyBytes = 256 * 1024;
inline constexpr std::size_t kSourceConnections = 32;  // look-ups at one authority at once
inline constexpr std::size_t kSourceConnectionsPerClient = 24;
inline constexpr std::size_t kSourceConnectionsForEmergencies = 4;  // beyond those
inline constexpr std::size_t kSourceWaiting = 1024;  // look-ups waiting for one of those
inline constexpr std::size_t kSourceWaitingPerClient = 256;
// A look-up that has less of a question's time left is not begun.
inline constexpr int kAirtimePart = 3;            // a third
inline constexpr auto kPublishedUpTo = 45 * 24h;  // unless an authority's policy says otherwise
inline constexpr auto kNoRecordFresh = 60s;       // a cached "no record" is used that long
inline constexpr auto kSourceClockAhead = 300s;   // a source's clock before ours
inline constexpr int kBreakerFailures = 5;  // in a row, unless an authority's policy says otherwise
inline constexpr auto kBreakerPauseMin = 1s;  // before a source that failed so often is asked again
inline constexpr auto kBreakerPauseMax = 30s;     // doubled up to here while it goes on failing
inline constexpr auto kSourceFailureTold = 60s;   // each kind of a source's failure, in the log
inline constexpr std::size_t kCacheQueue = 8192;  // answers waiting to be cached
inline constexpr std::size_t kCacheBatch = 256;   // answers cached in one transaction
inline constexpr std::size_t kCachedAnswers = 1'000'000;
inline constexpr std::size_t kCacheTrimEvery = 50'000;  // answers cached between two trims

// The entry about a reload: so many who are believed from now on, and who are not, by name.
inline constexpr std::size_t kBelievedNamed = 100;
inline constexpr std::size_t kBelievedNameBytes = 100;

// The log
inline constexpr std::size_t kLogQueue = 65'536;
inline constexpr std::size_t kLogQueueBytes = 64 * 1024 * 1024;
inline constexpr std::size_t kLogDetailBytes = 48 * 1024;
inline constexpr auto kCheckpointEvery = 100ms;
// Between commits of the log while each has several entries; twice that while they are many, but
// fewer than kCommitTogether in the time.
inline constexpr auto kCommitEvery = 1ms;
inline constexpr std::size_t kCommitTogether = 16;
inline constexpr std::uint64_t kLogReserveBytes = 16 * 1024 * 1024;  // on the disk, ahead
inline constexpr int kLogDatabaseStepBytes = 4 * 1024 * 1024;        // log.db: for as many entries
inline constexpr auto kLogRetryEvery = 1s;                           // while the disk is full
inline constexpr auto kTileCheckEvery = 500ms;  // one full tile against its leaves, round and round
inline constexpr std::size_t kAnchorBytes = 64 * 1024;  // a checkpoint's note, with cosignatures
inline constexpr auto kAnchorFileEvery = 1s;            // the last checkpoint is kept elsewhere too
inline constexpr auto kAnchorRegistryEvery = 60s;
inline constexpr auto kAnchorLateTold = 60s;  // an anchor that could not be written so long is told

// Refusals: equal ones (caller, route, code) of a window are one entry beside the first's own.
inline constexpr auto kDenialWindow = 60s;
inline constexpr std::size_t kDenialKinds = 4096;         // of requests; of handshakes as many
inline constexpr std::size_t kDenialKindsPerCaller = 32;  // beyond either: counted by code alone
inline constexpr std::size_t kDenialEntriesPerSecond = 100;
inline constexpr auto kDenialCheckEvery = 1s;  // which windows are over

// Blocking work beside the io threads
inline constexpr std::size_t kBlockingThreads = 5;
// Of these threads at once; any two kinds leave one to the third.
inline constexpr std::size_t kBlockingChanges = 2;
inline constexpr std::size_t kBlockingReadings = 2;
inline constexpr std::size_t kBlockingUploads = 2;
inline constexpr std::size_t kBlockingWaiting = 2'000;
inline constexpr std::size_t kBlockingWaitingForChanges = 500;  // of these
inline constexpr std::size_t kBlockingWaitingPerCaller = 16;

// Publications
inline constexpr std::size_t kCsvLineBytes = 64 * 1024;
inline constexpr std::size_t kCsvColumns = 64;
// Uploads before they are in force, on disk, received and held together.
inline constexpr std::uint64_t kStagedBytes = 32ULL * 1024 * 1024 * 1024;
inline constexpr std::uint64_t kStagedBytesPerAuthority = 8ULL * 1024 * 1024 * 1024;
inline constexpr std::uint64_t kStagedCheckEvery = 8ULL * 1024 * 1024;  // bytes of an upload
// Below so much free space, or so great a part of a small disk, uploads are refused, so that the
// log goes on: at 1,300 questions a second it grows by 100 MB a minute.
inline constexpr std::uint64_t kFreeBytesForUploads = 1024ULL * 1024 * 1024;
inline constexpr std::uint64_t kFreePartForUploads = 10;  // a tenth
// A switch writes what was staged into the database and its write-ahead log.
inline constexpr std::uint64_t kSwitchSpaceFactor = 2;
inline constexpr std::size_t kRefusedRowsShown = 100;
// A period that moves further in many rows at once is a mistake rather than a renewal.
inline constexpr auto kPeriodShiftDays = std::chrono::days(2 * 366);
inline constexpr std::size_t kHeldLinesNamed = 10;  // in the sentence why something is held
inline constexpr std::size_t kRecipientNumberMax = 30;
inline constexpr std::size_t kReasonBytes = 1000;  // why something was released or rolled back
inline constexpr std::size_t kIdempotencyKeyBytes = 128;
inline constexpr std::size_t kHistoryKeyMax = 100;
inline constexpr std::size_t kCertificateTypeMax = 50;
inline constexpr std::size_t kCertificateNameMax = 100;
inline constexpr std::size_t kSegmentMax = 50;
inline constexpr std::size_t kConditionMax = 50;
inline constexpr std::size_t kConditionsMax = 32;
inline constexpr std::size_t kDesignatedInstitutionsMax = 64;
inline constexpr int kCapMonthlyYenMax = 9'999'999;
// Of checkups
inline constexpr std::size_t kTicketNumberMax = 30;
inline constexpr std::size_t kOwnPaymentYenMax = 9'999'999;
inline constexpr std::size_t kInstitutionNameMax = 100;
inline constexpr std::size_t kItemsMax = 60;
inline constexpr std::size_t kItemCodeMax = 20;
inline constexpr std::size_t kItemValueMax = 50;
inline constexpr std::size_t kRowRemarksKept = 100'000;  // errors.csv of one publication
inline constexpr std::size_t kSwitchBatchRows = 20'000;  // of one transaction before a switch
inline constexpr std::size_t kBehindKept = 1'000;        // entries an older registry.db lacks
inline constexpr std::size_t kBehindShown = 20;          // authorities named for it
// What registry.db keeps. Of an authority: generations to go back to, publications with their
// remarks (errors.csv) and with their report, how long one stays held.
inline constexpr std::size_t kGenerationsBack = 2;
inline constexpr std::size_t kPublicationsWithRemarks = 10;
inline constexpr std::size_t kPublicationsKept = 400;
inline constexpr auto kHeldKept = std::chrono::days(30);
// A row that has ended says so (REVOKED) for longer than a service date lies back.
inline constexpr auto kEndedRowsKept = std::chrono::days(366 * (kServiceDateYearsBack + 1));
inline constexpr std::size_t kSweepRows = 1'000;     // looked at in one step of housekeeping
inline constexpr std::uint32_t kPagesChecked = 256;  // compared in one step
inline constexpr auto kHousekeepingPause = 100ms;    // between two steps
inline constexpr auto kHousekeepingEvery = 1h;       // between two rounds
inline constexpr std::uint64_t kRegistryLogBytes = 32 * 1024 * 1024;  // emptied beyond that
inline constexpr auto kReadSnapshotAge = 1s;  // a reader's open read transaction

inline constexpr auto kTurningWithin = 10s;  // beyond it a thread of the api port hangs

// Programs that ask the gateway
inline constexpr auto kDeskPatience = 4500ms;  // then a desk is told to go on with paper
inline constexpr auto kBatchPatience = 30s;    // for a slice of a batch that has begun

// Files
inline constexpr std::size_t kSecretFileBytes = 64 * 1024;
inline constexpr std::size_t kCertificateFileBytes = 256 * 1024;
inline constexpr std::size_t kJwksFileBytes = 1024 * 1024;

// HTTP, within a connection
inline constexpr std::size_t kChunkOverheadBytes =
    4 * 1024;                                                // extensions and trailers of a message
inline constexpr std::size_t kStreamPieceBytes = 64 * 1024;  // one BodySource::next()
inline constexpr std::size_t kChunkOverheadPerByte = 8;      // of data: sizes and line ends
inline constexpr int kExchangesInARow = 16;                  // before others get their turn
inline constexpr std::size_t kReadTurnBytes = 256 * 1024;    // of a body, likewise
inline constexpr int kReadsInARow = 64;                      // of a body, likewise
// Of a request, or of a piece of an upload: TLS records beyond one for so many bytes.
inline constexpr int kTlsSmallRecords = 4'096;
inline constexpr std::size_t kTlsRecordWorth = 16;
// TLS messages without data (those of a handshake, then KeyUpdate), and alerts, before a request is
// there.
inline constexpr int kTlsMessages = 40;
inline constexpr int kTlsReadsInARow = 2;                 // of the socket, for one record
inline constexpr long kCertificateListBytes = 16 * 1024;  // what a client shows in a handshake
inline constexpr std::size_t kClientHelloBytes = 16 * 1024;
// An upload as a whole, and how much of it must have come after kBodyTime.
inline constexpr auto kUploadTime = 6h;
inline constexpr std::uint64_t kUploadBytesPerSecond = 16 * 1024;
inline constexpr std::size_t kConnectionsToldWhy = 100;  // turned away with an answer, at once
inline constexpr std::size_t kPlacesLookedAt = 256;      // for the one to close, of a client
inline constexpr auto kLingerTime = 2s;                  // so that the last answer can be read
inline constexpr std::size_t kLingerBytes = 1024 * 1024;
inline constexpr auto kAcceptPause = 100ms;  // when descriptors ran out
inline constexpr auto kTlsResumption = 1h;
inline constexpr int kTlsChainDepth = 3;
// What was read from them, of a thread: as many as may be connected, 350 bytes each.
inline constexpr std::size_t kPeerCertificates = kConnections;
// Dates of expiry in the metrics, of each kind; the earliest are told.
inline constexpr std::size_t kExpiriesTold = 16;

// HTTP client
inline constexpr auto kClientIdleTime = 20s;       // shorter than the servers' own
inline constexpr int kInformationalResponses = 4;  // 1xx before the answer

inline constexpr auto kNameLife = 60s;      // a host's addresses; looked up anew from half of it on
inline constexpr auto kNameOldUpTo = 24h;   // used while name servers are dead
inline constexpr auto kNameRetry = 1s;      // between two look-ups of one host
inline constexpr auto kNameRetryMax = 30s;  // doubled up to here while they go on failing
inline constexpr auto kConnectNext = 300ms;  // before a host's next address is tried
inline constexpr auto kNameFirstWait = 1s;   // for a host's first look-up; then a failure at once
inline constexpr auto kNamePoll = 5ms;       // whether the first look-up has ended
inline constexpr int kNameLookups = 64;      // at once, one a host: each is a thread

// Scheme packs
inline constexpr std::size_t kSchemesPerPack = 500;
inline constexpr std::size_t kRulesPerScheme = 200;
inline constexpr std::size_t kExamplesPerScheme = 200;
// Checkup packs
inline constexpr std::size_t kCheckupsPerPack = 200;
inline constexpr std::size_t kItemsPerCheckup = 500;
inline constexpr std::size_t kExamplesPerCheckupPack = 500;
inline constexpr std::size_t kPackListItems = 5'000;  // of any list inside a rule
inline constexpr std::size_t kPackTextBytes = 2'000;  // of any one text
inline constexpr std::size_t kPackProblems = 100;     // shown; the rest is not looked for

}  // namespace shikaku::bounds
