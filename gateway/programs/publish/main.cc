// shikaku-publish: the program of municipalities.
#include <CLI/CLI.hpp>

#include "gateway/kinds/checkup/checkup_kind.h"
#include "gateway/programs/publish/checkup_pack.h"
#include "gateway/programs/publish/commands.h"
#include "gateway/programs/publish/recipients.h"
#include "gateway/registry/entitlement_kind.h"
#include "gateway/support/broken_pipe.h"
#include "gateway/support/version.h"

int main(int argc, char** argv) {
    shikaku::survive_broken_pipes();
    // NOLINTNEXTLINE(google-build-using-namespace): a program
    using namespace shikaku::programs;
    CLI::App program{"Publish schemes, recipients and checkups / 制度・受給者・検診を公開する"};
    program.set_version_flag("--version", shikaku::version());
    program.require_subcommand(1);
    program.fallthrough();  // --url and the like may stand before and after the subcommand's name

    ClientOptions client;
    client.add_to(program);
    PublishSchemes schemes(client);
    schemes.add_to(*program.add_subcommand("schemes", "Put a scheme pack in force / 制度パック"));
    PublishRecords recipients(client, shikaku::registry::entitlement_kind());
    recipients.add_to(*program.add_subcommand("recipients", "Send recipients / 受給者を送る"));
    PublishCheckupPack checkup_pack(client);
    checkup_pack.add_to(
        *program.add_subcommand("checkup-pack", "Put a checkup pack in force / 検診パック"));
    PublishRecords checkups(client, shikaku::checkup::checkup_kind());
    checkups.add_to(*program.add_subcommand("checkups", "Send checkups / 検診を送る"));
    PublishStatus status(client);
    status.add_to(*program.add_subcommand("status", "Report of a publication / 公開の状況"));
    PublishStep release(client, "release");
    release.add_to(*program.add_subcommand("release", "Put a held one in force / 保留を解除する"));
    PublishStep rollback(client, "rollback");
    rollback.add_to(
        *program.add_subcommand("rollback", "Undo the last one / 直前の公開を取り消す"));
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return end_parsing(program, error);
    }
    if (program.got_subcommand("schemes")) return schemes.run();
    if (program.got_subcommand("recipients")) return recipients.run();
    if (program.got_subcommand("checkup-pack")) return checkup_pack.run();
    if (program.got_subcommand("checkups")) return checkups.run();
    if (program.got_subcommand("status")) return status.run();
    if (program.got_subcommand("release")) return release.run();
    return rollback.run();
}
